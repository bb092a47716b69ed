// Prints what BuildKit itself reads from the build context for each Dockerfile of a JSON list: the file operations and
// mounts of the build graph that its Dockerfile frontend makes. Nothing is built, no registry is asked.
package main

import (
	"context"
	"encoding/json"
	"os"
	"path"
	"sort"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type question struct {
	Dockerfile string            `json:"dockerfile"`
	BuildArgs  map[string]string `json:"buildArgs,omitempty"`
	Target     string            `json:"target,omitempty"`
	// What every image outside the file sets, as NAME=value.
	ImageEnv []string `json:"imageEnv,omitempty"`
}

type read struct {
	// 0 where two stages have the same operation, which is one in the graph.
	Line    int      `json:"line"`
	Kind    string   `json:"kind"`
	Path    string   `json:"path"`
	Exclude []string `json:"exclude"`
	Parents bool     `json:"parents"`
	Unpack  bool     `json:"unpack"`
}

type answer struct {
	Error string   `json:"error,omitempty"`
	Reads []read   `json:"reads,omitempty"`
	Env   []string `json:"env,omitempty"`
	// Environments of all RUN steps, to compare values of ARGs.
	Runs []string `json:"runs,omitempty"`
}

type images struct{ env []string }

func (i images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{"Env": i.env},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{digest.FromString("layer").String()}},
	})
	return ref, "", config, err
}

func clean(p string) string { return strings.TrimPrefix(path.Join("/", p), "/") }

func ask(q question) (out answer) {
	defer func() {
		if r := recover(); r != nil {
			out = answer{Error: "panic"}
		}
	}()
	dt := []byte(q.Dockerfile)
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	caps := pb.Caps.CapSet(pb.Caps.All())
	st, img, _, _, err := dockerfile2llb.Dockerfile2LLB(context.Background(), dt, dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildArgs: q.BuildArgs, Target: q.Target, BuildPlatforms: []ocispecs.Platform{platform}},
		TargetPlatform: &platform,
		MetaResolver:   images{q.ImageEnv},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "dockerfile", dt),
		LLBCaps:        &caps,
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	def, err := st.Marshal(context.Background(), llb.LinuxAmd64)
	if err != nil {
		return answer{Error: err.Error()}
	}
	pbdef := def.ToPB()
	locals := map[string]bool{}
	ops := map[string]*pb.Op{}
	for _, dt := range pbdef.Def {
		op := &pb.Op{}
		if err := op.Unmarshal(dt); err != nil {
			return answer{Error: err.Error()}
		}
		dgst := digest.FromBytes(dt).String()
		ops[dgst] = op
		if src := op.GetSource(); src != nil && strings.HasPrefix(src.Identifier, "local://") {
			locals[dgst] = true
		}
	}
	for dgst, op := range ops {
		line := 0
		if locs := pbdef.Source.Locations[dgst]; locs != nil && len(locs.Locations) == 1 && len(locs.Locations[0].Ranges) == 1 {
			line = int(locs.Locations[0].Ranges[0].Start.Line)
		}
		local := func(i int64) bool { return i >= 0 && int(i) < len(op.Inputs) && locals[op.Inputs[i].Digest] }
		if file := op.GetFile(); file != nil {
			for _, action := range file.Actions {
				c := action.GetCopy()
				if c == nil || !local(action.SecondaryInput) {
					continue
				}
				r := read{Line: line, Kind: "copy", Path: clean(c.Src), Exclude: append([]string{}, c.ExcludePatterns...), Unpack: c.AttemptUnpackDockerCompatibility}
				if c.IncludePatterns != nil {
					r.Parents = true
					below := clean(c.IncludePatterns[0])
					if r.Path == "" {
						r.Path = below
					} else {
						r.Path += "/./" + below
					}
				}
				out.Reads = append(out.Reads, r)
			}
		}
		if exec := op.GetExec(); exec != nil {
			env := append([]string{}, exec.Meta.Env...)
			sort.Strings(env)
			out.Runs = append(out.Runs, strings.Join(env, "\n"))
			for _, m := range exec.Mounts {
				if local(m.Input) {
					out.Reads = append(out.Reads, read{Line: line, Kind: "bind", Path: clean(m.Selector), Exclude: []string{}})
				}
			}
		}
	}
	key := func(r read) string { b, _ := json.Marshal(r); return string(b) }
	sort.Slice(out.Reads, func(i, j int) bool {
		a, b := out.Reads[i], out.Reads[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return key(a) < key(b)
	})
	sort.Strings(out.Runs)
	out.Env = img.Config.Env
	return out
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := make([]answer, len(questions))
	for i, q := range questions {
		answers[i] = ask(q)
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answers); err != nil {
		panic(err)
	}
}
