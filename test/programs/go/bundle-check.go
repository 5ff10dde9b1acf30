// bundle-check judges the bundle of one session, as `bascule proof` makes it, by Go's own sumdb/note and sumdb/tlog: that every
// entry is in the log, and that policy and recording are those that the entries name. It shares nothing with src/, and does not
// judge what entries say.
//
//	bundle-check FOLDER VERIFIER-KEY
//
// It ends with 0 and what it has seen as JSON, or with 1 and, on standard error, the name of the step that refused and why.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// event has of an entry what is looked at here.
type event struct {
	Type      string
	Session   string
	Recording string
	Policy    string // bastion.started
	Hash      string // policy.loaded
	Outcome   string
	Head      *struct {
		Bytes  int64
		Blocks int64
		Hash   string
	}
}

type seen struct {
	Origin  string
	Size    int64
	Entries int
	Session string
	Policy  string // the one in force when the session began
	Head    string // of its recording; empty while it is live, or where there is none
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
	if len(os.Args) != 3 {
		must("usage", errors.New("bundle-check FOLDER VERIFIER-KEY"))
	}
	must("result", json.NewEncoder(os.Stdout).Encode(check(os.Args[1], os.Args[2])))
}

func check(folder, key string) seen {
	checkpoint := read("note", folder, "ledger/checkpoint")
	verifier, err := note.NewVerifier(key)
	must("key", err)
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	must("note", err)
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.TrimPrefix(opened.Text, verifier.Name()+"\n")))
	must("checkpoint", err)

	found := seen{Origin: verifier.Name(), Size: tree.N}
	var policy, recording, last string
	var end event
	for _, index := range numbers(folder) {
		entry := read("entry", folder, fmt.Sprintf("entries/%d.json", index))
		checkProof(folder, fmt.Sprintf("entries/%d.tlog-proof", index), index, entry, checkpoint, tree, "")
		var row struct {
			Index int64
			Entry event
		}
		must("entry", json.Unmarshal(entry, &row))
		if row.Index != index {
			must("entry", fmt.Errorf("entry %d says that it is %d", index, row.Index))
		}
		found.Entries++
		switch row.Entry.Type {
		case "bastion.started":
			policy = row.Entry.Policy
		case "policy.loaded":
			policy = row.Entry.Hash
		case "session.started":
			found.Session, found.Policy, recording = row.Entry.Session, policy, row.Entry.Recording
			last = fmt.Sprint(index)
		case "recording.head":
			last = fmt.Sprint(index)
		case "session.ended":
			end = row.Entry
			last = fmt.Sprint(index)
			checkProof(folder, "session.tlog-proof", index, entry, checkpoint, tree, base64.StdEncoding.EncodeToString(entry))
		}
	}
	if last == "" {
		must("session", errors.New("no entry says that it began"))
	}
	document := sha256.Sum256(read("policy", folder, "ledger/policy/"+found.Policy+".json"))
	if hex.EncodeToString(document[:]) != found.Policy {
		must("policy", errors.New("it does not have the hash of its name"))
	}
	if end.Head != nil {
		found.Head = end.Head.Hash
		bytes, blocks, hash := chain(read("recording", folder, "recordings/"+recording))
		if bytes != end.Head.Bytes || blocks != end.Head.Blocks || hash != end.Head.Hash {
			must("recording", fmt.Errorf("%d blocks, %d bytes, head %s: the ledger promised another", blocks, bytes, hash))
		}
	}
	return found
}

// checkProof reads a file of c2sp.org/tlog-proof@v1, and lets Go prove the entry by it.
func checkProof(folder, name string, index int64, entry, checkpoint []byte, tree tlog.Tree, extra string) {
	head, signed, _ := bytes.Cut(read("proof", folder, name), []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		must("proof", fmt.Errorf("%s: %q", name, lines[0]))
	}
	lines = lines[1:]
	if extra != "" {
		if lines[0] != "extra "+extra {
			must("proof", fmt.Errorf("%s does not hold entry %d", name, index))
		}
		lines = lines[1:]
	}
	if lines[0] != "index "+strconv.FormatInt(index, 10) {
		must("proof", fmt.Errorf("%s: %q", name, lines[0]))
	}
	if !bytes.Equal(signed, checkpoint) {
		must("proof", fmt.Errorf("%s has another checkpoint", name))
	}
	var path tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		must("proof", err)
		path = append(path, hash)
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		must("proof", fmt.Errorf("%s: %w", name, err))
	}
}

// chain walks a recording's blocks (recording-v1, sections 1, 3, 5 and 7), and gives what a head has to be.
func chain(file []byte) (length, blocks int64, head string) {
	magic := []byte("bascule-recording-v1\n")
	if !bytes.HasPrefix(file, magic) {
		must("recording", errors.New("not a recording"))
	}
	state := make([]byte, sha256.Size, 2*sha256.Size)
	length = int64(len(magic))
	for rest := file[len(magic):]; len(rest) > 0; blocks++ {
		block := rest[:blockLength(rest)]
		rest = rest[len(block):]
		hash := sha256.Sum256(block)
		digest, size := hash[:], int64(len(block))
		if _, at := number(block, 0); block[0] != 0 && block[at] == 3 { // a substitute: the one it stands for goes on
			if block[at+1] == 4 { // for what a dead writer left, which is not of the chain
				break
			}
			was, from := number(block, at+2)
			digest, size = block[from:from+sha256.Size], int64(was)
		}
		next := sha256.Sum256(append(state, digest...))
		state = next[:]
		length += size
	}
	return length, blocks, hex.EncodeToString(state)
}

// blockLength tells how many bytes the first block has.
func blockLength(rest []byte) int {
	if rest[0] != 0 {
		body, at := number(rest, 0)
		return upTo(rest, at+1+int(body)) // length, kind, body
	}
	for at := 2; ; { // a stream block: 0x00, kind, chunks, 0x00, tag
		chunk, from := number(rest, at)
		if chunk == 0 {
			return upTo(rest, from+16)
		}
		at = upTo(rest, from+int(chunk>>2))
	}
}

func upTo(rest []byte, end int) int {
	if end > len(rest) || end < 0 {
		must("recording", errors.New("it ends within a block"))
	}
	return end
}

func number(from []byte, at int) (uint64, int) {
	value, size := binary.Uvarint(from[upTo(from, at):])
	if size <= 0 {
		must("recording", errors.New("no number where one is due"))
	}
	return value, at + size
}

// numbers are those of the entries, in order.
func numbers(folder string) []int64 {
	names, err := filepath.Glob(filepath.Join(folder, "entries", "*.json"))
	must("entry", err)
	list := make([]int64, 0, len(names))
	for _, name := range names {
		index, err := strconv.ParseInt(strings.TrimSuffix(filepath.Base(name), ".json"), 10, 64)
		must("entry", err)
		at := len(list)
		for at > 0 && list[at-1] > index {
			at--
		}
		list = append(list[:at], append([]int64{index}, list[at:]...)...)
	}
	return list
}

func read(step, folder, name string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	must(step, err)
	return data
}
