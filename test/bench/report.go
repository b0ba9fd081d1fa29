package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// figure is something measured that has a goal.
type figure struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Goal   float64 `json:"goal,omitempty"` // 0: only reported
	AtMost bool    `json:"atMost,omitempty"`
	Note   string  `json:"note,omitempty"`
}

func (f figure) met() bool {
	if f.AtMost {
		return f.Value <= f.Goal
	}
	return f.Value >= f.Goal
}

// verdict says in one word how the figure stands to its goal.
func (f figure) verdict() string {
	switch {
	case f.Goal == 0:
		return ""
	case f.met():
		return "met"
	}
	return "MISSED"
}

// number prints what people read: three digits or so.
func number(x float64) string {
	switch {
	case x >= 1000:
		return fmt.Sprintf("%.0f", x)
	case x >= 100:
		return fmt.Sprintf("%.1f", x)
	case x >= 10:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3f", x)
}

func (f figure) goal() string {
	switch {
	case f.Goal == 0:
		return "-"
	case f.AtMost:
		return "<= " + number(f.Goal)
	}
	return ">= " + number(f.Goal)
}

// report is the figures of a run.
type report struct{ figures []figure }

// keep notes a figure that the section prints in a table of its own.
func (r *report) keep(f figure) { r.figures = append(r.figures, f) }

// add notes a figure and prints it.
func (r *report) add(f figure) {
	r.keep(f)
	fmt.Printf("%-46s %12s %-8s goal %-12s %s", f.Name, number(f.Value), f.Unit, f.goal(), f.verdict())
	if f.Note != "" {
		fmt.Printf("  (%s)", f.Note)
	}
	fmt.Println()
}

func (r *report) summary(w io.Writer) {
	met, goals := 0, 0
	var missed []figure
	for _, f := range r.figures {
		if f.Goal == 0 {
			continue
		}
		goals++
		if f.met() {
			met++
		} else {
			missed = append(missed, f)
		}
	}
	fmt.Fprintf(w, "\n%d of %d goals met, %d missed\n", met, goals, len(missed))
	for _, f := range missed {
		fmt.Fprintf(w, "  missed: %-44s %s %s, goal %s\n", f.Name, number(f.Value), f.Unit, f.goal())
	}
}

func (r *report) write(path string) error {
	text, err := json.MarshalIndent(r.figures, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
