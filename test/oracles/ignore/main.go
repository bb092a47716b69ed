// Answers, for each line of JSON on standard input, what Docker's own matching says. One line of JSON in, one line out.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type question struct {
	File  string   `json:"file"`  // text of an ignore file
	Match *string  `json:"match"` // or a pattern for filepath.Match
	Paths []string `json:"paths"`
}

type answer struct {
	Rules []string `json:"rules,omitempty"` // the patterns that were read
	Error bool     `json:"error,omitempty"` // the patterns are refused as a whole
	Any   string   `json:"any,omitempty"`   // MatchesOrParentMatches of each path: 1, 0, e for an error
	Copy  string   `json:"copy,omitempty"`  // MatchesUsingParentResults, asked folder by folder
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encode := json.NewEncoder(out)
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		if err := encode.Encode(ask(q)); err != nil {
			panic(err)
		}
	}
}

func ask(q question) (a answer) {
	if q.Match != nil {
		for _, p := range q.Paths {
			ok, err := filepath.Match(*q.Match, p)
			a.Any += letter(ok, err)
		}
		return a
	}
	rules, err := ignorefile.ReadAll(strings.NewReader(q.File))
	if err != nil {
		return answer{Error: true}
	}
	a.Rules = rules
	if _, err := patternmatcher.New(rules); err != nil {
		a.Error = true
		return a
	}
	for _, p := range q.Paths {
		a.Any += guarded(func() (bool, error) { return fresh(rules).MatchesOrParentMatches(p) })
		a.Copy += guarded(func() (bool, error) { return walked(fresh(rules), p) })
	}
	return a
}

// A matcher remembers that it failed to compile a pattern, and fails worse the second time.
func fresh(rules []string) *patternmatcher.PatternMatcher {
	pm, _ := patternmatcher.New(rules)
	return pm
}

func walked(pm *patternmatcher.PatternMatcher, p string) (ok bool, err error) {
	var info patternmatcher.MatchInfo
	for i, c := range p + "/" {
		if c == '/' {
			if ok, info, err = pm.MatchesUsingParentResults(p[:i], info); err != nil {
				return false, err
			}
		}
	}
	return ok, nil
}

func guarded(f func() (bool, error)) (s string) {
	defer func() {
		if recover() != nil {
			s = "e"
		}
	}()
	return letter(f())
}

func letter(ok bool, err error) string {
	switch {
	case err != nil:
		return "e"
	case ok:
		return "1"
	}
	return "0"
}
