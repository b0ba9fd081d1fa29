package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

type pkg struct {
	ImportPath string
	Imports    []string
}

// listPackages asks the go command for every package of the module, for one platform.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}

// TestImportMap holds the package map: a package imports only lower layers, or of its own layer what Peers lists.
func TestImportMap(t *testing.T) {
	pkgs := listPackages(t)
	seen := map[string]bool{}
	for _, p := range pkgs {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, Module), "/")
		from, ok := Find(name)
		if !ok {
			t.Errorf("package %s has no layer: give it one in internal/lint/layers.go", name)
			continue
		}
		seen[from.Path] = true
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, Module+"/") {
				if reason := BannedImport(name, imp); reason != "" {
					t.Errorf("%s imports %s: %s", name, imp, reason)
				}
				continue
			}
			target := strings.TrimPrefix(imp, Module+"/")
			to, ok := Find(target)
			if ok && !Allowed(from, to, name, target) {
				t.Errorf("%s (layer %d) imports %s (layer %d): %s", name, from.Layer, target, to.Layer,
					"only lower layers, its own family, and what Peers lists")
			}
		}
	}
	for _, r := range Rules {
		if !seen[r.Path] && !r.Optional {
			t.Errorf("layers.go names %s, which does not exist", r.Path)
		}
	}
}

// TestImportChain bounds the longest chain of the module's own packages.
func TestImportChain(t *testing.T) {
	graph := map[string][]string{}
	for _, p := range listPackages(t) {
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, Module) {
				graph[p.ImportPath] = append(graph[p.ImportPath], imp)
			}
		}
	}
	depth := map[string]int{}
	var walk func(string) int
	walk = func(p string) int {
		if d, ok := depth[p]; ok {
			return d
		}
		d := 0
		for _, imp := range graph[p] {
			d = max(d, walk(imp))
		}
		depth[p] = d + 1
		return d + 1
	}
	for p := range graph {
		if d := walk(p); d > MaxImportChain {
			t.Errorf("%s stands on a chain of %d packages, at most %d", p, d, MaxImportChain)
		}
	}
}

// eachFile parses every Go file of the module that is not generated.
func eachFile(t *testing.T, visit func(path string, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (strings.HasPrefix(name, ".") && path != root || name == "testdata" || name == "bin" || name == "data") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(f) {
			visit(path, fset, f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSizes bounds files, functions and interfaces, and wants a comment on every exported symbol and package.
func TestSizes(t *testing.T) {
	packageDoc, packages := map[string]bool{}, map[string]bool{}
	exported, documented := 0, 0
	eachFile(t, func(path string, fset *token.FileSet, f *ast.File) {
		if n := fset.File(f.Pos()).LineCount(); n > MaxFileLines {
			t.Errorf("%s has %d lines, at most %d", path, n, MaxFileLines)
		}
		isTest := strings.HasSuffix(path, "_test.go")
		if !isTest {
			dir := filepath.Dir(path)
			packages[dir] = true
			packageDoc[dir] = packageDoc[dir] || f.Doc != nil
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok {
				lines := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
				if limit := functionLimit(f, fn); lines > limit && !isTest {
					t.Errorf("%s: function %s has %d lines, at most %d", fset.Position(fn.Pos()), fn.Name.Name, lines, limit)
				}
			}
			if !isTest {
				for name, doc := range exportedOf(decl) {
					exported++
					if doc {
						documented++
					} else {
						t.Logf("%s: %s has no comment", path, name)
					}
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if it, ok := n.(*ast.InterfaceType); ok && len(it.Methods.List) > MaxInterfaceMethods {
				t.Errorf("%s: an interface has %d methods, at most %d", fset.Position(it.Pos()), len(it.Methods.List), MaxInterfaceMethods)
			}
			return true
		})
	})
	for dir := range packages {
		if !packageDoc[dir] {
			t.Errorf("%s: no package comment", dir)
		}
	}
	if documented*100 < exported*MinDocumentedPercent {
		t.Errorf("%d of %d exported symbols have a comment, want %d%%", documented, exported, MinDocumentedPercent)
	}
}

// functionLimit is MaxFunctionLines, or more where the function's comment gives a reason: "long: ...".
func functionLimit(f *ast.File, fn *ast.FuncDecl) int {
	if fn.Doc != nil && strings.Contains(fn.Doc.Text(), "\nlong: ") {
		return MaxSwitchLines
	}
	return MaxFunctionLines
}

// exportedOf gives the exported names that a declaration introduces and whether each has a comment.
func exportedOf(decl ast.Decl) map[string]bool {
	out := map[string]bool{}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || receiverExported(d.Recv)) {
			out[d.Name.Name] = d.Doc != nil || isTrivialMethod(d)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					out[s.Name.Name] = d.Doc != nil || s.Doc != nil || s.Comment != nil
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						out[n.Name] = d.Doc != nil || s.Doc != nil || s.Comment != nil
					}
				}
			}
		}
	}
	return out
}

func receiverExported(r *ast.FieldList) bool {
	t := r.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	if ix, ok := t.(*ast.IndexExpr); ok {
		t = ix.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

// isTrivialMethod says that a one-line method of a node family is documented by its interface.
func isTrivialMethod(d *ast.FuncDecl) bool {
	return d.Recv != nil && d.Body != nil && len(d.Body.List) <= 1
}

// TestBannedCalls keeps time, goroutines and the file system behind the packages that wrap them.
func TestBannedCalls(t *testing.T) {
	eachFile(t, func(path string, fset *token.FileSet, f *ast.File) {
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(rel, "test/") || strings.HasPrefix(rel, "tools/") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.GoStmt:
				if reason := BannedGo(rel); reason != "" {
					t.Errorf("%s: go statement: %s", fset.Position(x.Pos()), reason)
				}
			case *ast.SelectorExpr:
				if id, ok := x.X.(*ast.Ident); ok && id.Obj == nil {
					if reason := BannedCall(rel, id.Name+"."+x.Sel.Name); reason != "" {
						t.Errorf("%s: %s.%s: %s", fset.Position(x.Pos()), id.Name, x.Sel.Name, reason)
					}
				}
			case *ast.FuncDecl:
				if x.Name.Name == "init" && x.Recv == nil {
					t.Errorf("%s: init function: wire it explicitly", fset.Position(x.Pos()))
				}
			}
			return true
		})
	})
}

// TestFormatted runs gofmt over the module.
func TestFormatted(t *testing.T) {
	cmd := exec.Command("gofmt", "-l", ".")
	cmd.Dir = root
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		t.Fatalf("gofmt: %s", exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	if len(out) > 0 {
		t.Errorf("not gofmt-ed:\n%s", out)
	}
}
