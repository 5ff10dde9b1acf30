// ledger-check judges files of a ledger by Go's own sumdb/note and sumdb/tlog, which share nothing with src/ledger.
//
// It reads one job as JSON from its standard input. It ends with 0 and what it has seen as JSON, or with 1 and, on
// standard error, the name of the step that refused and why.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type job struct {
	Folder      string // home/ledger
	Key         string // the log's verifier key
	Sign        string // the log's signer key, to sign Text with; nothing else is done then
	Text        string
	Inclusion   []inclusion
	Consistency []consistency
}

type inclusion struct {
	Index int64
	Proof []string
}

type consistency struct {
	Size  int64 // the older one
	Root  string
	Proof []string
}

type seen struct {
	Size        int64
	Entries     int64
	Inclusion   int
	Consistency int
}

// refuse is a panic's value: the step, and why.
type refuse struct {
	step string
	why  error
}

func must(step string, err error) {
	if err != nil {
		panic(refuse{step, err})
	}
}

func main() {
	defer func() {
		if given := recover(); given != nil {
			refused, isRefused := given.(refuse)
			if !isRefused {
				panic(given)
			}
			fmt.Fprintf(os.Stderr, "%s: %v\n", refused.step, refused.why)
			os.Exit(1)
		}
	}()
	var work job
	must("job", json.NewDecoder(os.Stdin).Decode(&work))
	if work.Sign != "" {
		signer, err := note.NewSigner(work.Sign)
		must("key", err)
		signed, err := note.Sign(&note.Note{Text: work.Text}, signer)
		must("note", err)
		os.Stdout.Write(signed)
		return
	}
	must("job", json.NewEncoder(os.Stdout).Encode(check(work)))
}

func check(work job) seen {
	tree := openCheckpoint(work)
	reader := tlog.TileHashReader(tree, files{work.Folder})
	if tree.N > 0 {
		root, err := tlog.TreeHash(tree.N, reader)
		must("tree", err)
		if root != tree.Hash {
			must("tree", fmt.Errorf("root %v, signed was %v", root, tree.Hash))
		}
	}
	entries := checkEntries(work.Folder, tree.N, reader)
	checkInclusion(work.Inclusion, tree, reader)
	checkConsistency(work.Consistency, tree, reader)
	return seen{tree.N, entries, len(work.Inclusion), len(work.Consistency)}
}

func openCheckpoint(work job) tlog.Tree {
	verifier, err := note.NewVerifier(work.Key)
	must("key", err)
	signed, err := os.ReadFile(filepath.Join(work.Folder, "checkpoint"))
	must("note", err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must("note", err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		must("checkpoint", fmt.Errorf("%q", opened.Text))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("checkpoint", err)
	root, err := tlog.ParseHash(lines[2])
	must("checkpoint", err)
	return tlog.Tree{N: size, Hash: root}
}

// checkEntries compares every entry of every bundle with its leaf, which the reader has proven against the root.
func checkEntries(folder string, size int64, reader tlog.HashReader) int64 {
	entries := int64(0)
	for from := int64(0); from < size; from += 256 {
		width := size - from
		if width > 256 {
			width = 256
		}
		path := strings.Replace(tlog.Tile{H: 8, L: 0, N: from / 256, W: int(width)}.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(folder, path))
		must("entry", err)
		indexes := make([]int64, width)
		for at := range indexes {
			indexes[at] = tlog.StoredHashIndex(0, from+int64(at))
		}
		leaves, err := reader.ReadHashes(indexes)
		must("tile", err)
		for _, leaf := range leaves {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				must("entry", fmt.Errorf("%s ends before entry %d", path, entries))
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:end]) != leaf {
				must("entry", fmt.Errorf("%s: entry %d is not its leaf", path, entries))
			}
			bundle = bundle[end:]
			entries++
		}
		if len(bundle) != 0 {
			must("entry", fmt.Errorf("%s has %d bytes too many", path, len(bundle)))
		}
	}
	return entries
}

func checkInclusion(proofs []inclusion, tree tlog.Tree, reader tlog.HashReader) {
	for _, given := range proofs {
		leaves, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, given.Index)})
		must("tile", err)
		proof := hashes("inclusion", given.Proof)
		must("inclusion", tlog.CheckRecord(proof, tree.N, tree.Hash, given.Index, leaves[0]))
		own, err := tlog.ProveRecord(tree.N, given.Index, reader)
		must("inclusion", err)
		if !same(own, proof) {
			must("inclusion", fmt.Errorf("not the proof that Go makes for entry %d", given.Index))
		}
	}
}

func checkConsistency(proofs []consistency, tree tlog.Tree, reader tlog.HashReader) {
	for _, given := range proofs {
		proof := hashes("consistency", given.Proof)
		root := hashes("consistency", []string{given.Root})[0]
		must("consistency", tlog.CheckTree(proof, tree.N, tree.Hash, given.Size, root))
		own, err := tlog.ProveTree(tree.N, given.Size, reader)
		must("consistency", err)
		if !same(own, proof) {
			must("consistency", fmt.Errorf("not the proof that Go makes from size %d", given.Size))
		}
	}
}

func hashes(step string, texts []string) []tlog.Hash {
	list := make([]tlog.Hash, len(texts))
	for at, text := range texts {
		raw, err := base64.StdEncoding.DecodeString(text)
		must(step, err)
		if copy(list[at][:], raw) != tlog.HashSize || len(raw) != tlog.HashSize {
			must(step, fmt.Errorf("a hash of %d bytes", len(raw)))
		}
	}
	return list
}

func same(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for at := range a {
		if !bytes.Equal(a[at][:], b[at][:]) {
			return false
		}
	}
	return true
}

// files reads tiles from a folder. Go's path of a tile names the tile height; C2SP's does not: there it is always 8.
type files struct{ folder string }

func (files) Height() int { return 8 }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for at, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(f.folder, path))
		if err != nil {
			return nil, err
		}
		data[at] = bytes
	}
	return data, nil
}

func (files) SaveTiles([]tlog.Tile, [][]byte) {}
