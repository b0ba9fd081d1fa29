package main

import (
	"os"

	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment/inspect"
)

type segmentCmd struct {
	Inspect inspectCmd `cmd:"" help:"Print what a segment file holds and check every part of it."`
}

type inspectCmd struct {
	File    string `arg:"" help:"The segment file." type:"existingfile"`
	Verbose bool   `help:"Print blocks too." short:"v"`
}

// Run prints the file.
func (i *inspectCmd) Run() error { return inspect.Inspect(os.Stdout, vfs.OS(), i.File, i.Verbose) }
