package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	pygen "github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// Told by a program that has shown its error itself.
const shown = 32

func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	values := req.GetConfig()
	if values == nil {
		values = map[string]string{}
	}
	config, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(append([]string{}, req.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	dir := req.GetInfo().GetProgramDirectory()
	command, err := h.command(ctx, req, dir)
	if err != nil {
		return nil, err
	}
	if command.Env == nil {
		command.Env = os.Environ()
	}
	typescript, given := req.GetInfo().GetOptions().AsMap()["typescript"]
	command.Env = append(command.Env, "PULUMI_CONFIG="+string(config), "PULUMI_CONFIG_SECRET_KEYS="+string(secrets),
		fmt.Sprintf("PULUMI_NODEJS_TYPESCRIPT=%v", !given || typescript != false))
	command.Dir, command.Stdout, command.Stderr = dir, os.Stdout, os.Stderr
	var exit *exec.ExitError
	switch err := command.Run(); {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == shown:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended: %v", err)}, nil
	}
}

func (h *host) command(ctx context.Context, req *pulumirpc.RunRequest, dir string) (*exec.Cmd, error) {
	var args []string
	flag := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name, value)
		}
	}
	flag("monitor", req.GetMonitorAddress())
	flag("engine", h.engine)
	flag("organization", req.GetOrganization())
	flag("project", req.GetProject())
	flag("stack", req.GetStack())
	flag("pwd", dir)
	flag("parallel", strconv.Itoa(int(req.GetParallel())))
	root := req.GetInfo().GetRootDirectory()
	switch h.language {
	case "nodejs":
		flag("root-directory", root)
		if req.GetDryRun() {
			args = append(args, "--dry-run")
		}
		args = append([]string{filepath.Join(dir, "node_modules/@pulumi/pulumi/cmd/run/index.js")}, append(args, req.GetInfo().GetEntryPoint())...)
		return exec.CommandContext(ctx, "node", args...), nil
	case "python":
		flag("root_directory", root)
		flag("dry_run", strconv.FormatBool(req.GetDryRun()))
		tools, err := python(req.GetInfo())
		if err != nil {
			return nil, err
		}
		own, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return tools.Command(ctx, append([]string{filepath.Join(filepath.Dir(own), "pulumi-language-python-exec")}, append(args, req.GetInfo().GetEntryPoint())...)...)
	default:
		return nil, fmt.Errorf("programs in %s are not run here", h.language)
	}
}

func python(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	venv, _ := info.GetOptions().AsMap()["virtualenv"].(string)
	return toolchain.ResolveToolchain(toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory(), Virtualenv: venv, Toolchain: toolchain.Pip})
}

func (h *host) InstallDependencies(req *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer) error {
	if h.language != "python" {
		return nil
	}
	tools, err := python(req.GetInfo())
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, req.IsTerminal)
	if err != nil {
		return err
	}
	defer closer.Close()
	return tools.InstallDependencies(server.Context(), req.GetInfo().GetProgramDirectory(), false, true, stdout, stderr)
}

// Makes generated SDKs dependencies of a program in Python.
func (h *host) Link(ctx context.Context, req *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	if h.language != "python" {
		return nil, fmt.Errorf("SDKs are not linked for %s here", h.language)
	}
	tools, err := python(req.GetInfo())
	if err != nil {
		return nil, err
	}
	client, err := schema.NewLoaderClient(req.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	packages := map[string]string{}
	for _, dep := range req.Packages {
		ref, err := schema.LoadPackageReferenceV2(ctx, client, &schema.PackageDescriptor{Name: dep.Package.Name, DownloadURL: dep.Package.Server})
		if err != nil {
			return nil, err
		}
		pkg, err := ref.Definition()
		if err != nil {
			return nil, err
		}
		if err := pkg.ImportLanguages(map[string]schema.Language{"python": pygen.Importer}); err != nil {
			return nil, err
		}
		name := pygen.PyPack(ref.Namespace(), ref.Name())
		if info, ok := pkg.Language["python"].(pygen.PackageInfo); ok && info.PackageName != "" {
			name = info.PackageName
		}
		packages[name] = dep.Path
	}
	return &pulumirpc.LinkResponse{}, tools.LinkPackages(ctx, packages)
}
