// Command ledger-conformance checks what ledger/ wrote with implementations that aren't ours:
// golang.org/x/mod/sumdb (note, tlog) and github.com/transparency-dev/merkle. It reads one JSON case from
// standard input, answers with proofs and a note of its own for us to check, and exits 1 at the first difference.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof [][]byte `json:"proof"`
}

type consistency struct {
	OldSize int64    `json:"oldSize"`
	NewSize int64    `json:"newSize"`
	Proof   [][]byte `json:"proof"`
}

type input struct {
	Vkey        string        `json:"vkey"`
	Note        string        `json:"note"`
	Origin      string        `json:"origin"`
	Entries     [][]byte      `json:"entries"`
	Roots       [][]byte      `json:"roots"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
}

type output struct {
	Vkey        string        `json:"vkey"`
	Note        string        `json:"note"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
}

func main() {
	var in input
	must(json.NewDecoder(os.Stdin).Decode(&in), "reading the case")

	hashes := storedHashes(in.Entries)
	for size, root := range in.Roots {
		if size == 0 {
			continue // tlog knows no empty tree
		}
		want, err := tlog.TreeHash(int64(size), hashes)
		must(err, "tree hash")
		check(bytes.Equal(want[:], root), "root of %d entries", size)
	}

	verifier, err := note.NewVerifier(in.Vkey)
	must(err, "vkey")
	opened, err := note.Open([]byte(in.Note), note.VerifierList(verifier))
	must(err, "note")
	lines := strings.Split(opened.Text, "\n")
	size := len(in.Entries)
	check(lines[0] == in.Origin, "origin %q", lines[0])
	check(lines[1] == fmt.Sprint(size), "size %q", lines[1])
	check(lines[2] == base64.StdEncoding.EncodeToString(in.Roots[size]), "root %q", lines[2])

	var out output
	for _, c := range in.Inclusion {
		leaf := tlog.RecordHash(in.Entries[c.Index])
		must(tlog.CheckRecord(hashesOf(c.Proof), c.Size, hashOf(in.Roots[c.Size]), c.Index, leaf), "tlog inclusion")
		must(proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(c.Index), uint64(c.Size), leaf[:], c.Proof, in.Roots[c.Size]), "merkle inclusion")
		own, err := tlog.ProveRecord(c.Size, c.Index, hashes)
		must(err, "prove record")
		out.Inclusion = append(out.Inclusion, inclusion{c.Index, c.Size, bytesOf(own)})
	}
	for _, c := range in.Consistency {
		must(tlog.CheckTree(hashesOf(c.Proof), c.NewSize, hashOf(in.Roots[c.NewSize]), c.OldSize, hashOf(in.Roots[c.OldSize])), "tlog consistency")
		must(proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(c.OldSize), uint64(c.NewSize), c.Proof, in.Roots[c.OldSize], in.Roots[c.NewSize]), "merkle consistency")
		own, err := tlog.ProveTree(c.NewSize, c.OldSize, hashes)
		must(err, "prove tree")
		out.Consistency = append(out.Consistency, consistency{c.OldSize, c.NewSize, bytesOf(own)})
	}

	skey, vkey, err := note.GenerateKey(zeros{}, "go.example/log")
	must(err, "generate key")
	signer, err := note.NewSigner(skey)
	must(err, "signer")
	signed, err := note.Sign(&note.Note{Text: opened.Text}, signer)
	must(err, "sign")
	out.Vkey, out.Note = vkey, string(signed)
	must(json.NewEncoder(os.Stdout).Encode(out), "writing the answer")
}

// storedHashes builds the tree the way a log server keeps it.
func storedHashes(entries [][]byte) tlog.HashReader {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	for i, entry := range entries {
		added, err := tlog.StoredHashes(int64(i), entry, reader)
		must(err, "stored hashes")
		stored = append(stored, added...)
	}
	return reader
}

func hashOf(hash []byte) tlog.Hash {
	check(len(hash) == sha256.Size, "a hash of %d bytes", len(hash))
	return tlog.Hash(hash)
}

func hashesOf(hashes [][]byte) (out []tlog.Hash) {
	for _, hash := range hashes {
		out = append(out, hashOf(hash))
	}
	return out
}

func bytesOf(hashes []tlog.Hash) [][]byte {
	out := [][]byte{}
	for _, hash := range hashes {
		out = append(out, bytes.Clone(hash[:]))
	}
	return out
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func must(err error, what string) {
	check(err == nil, "%s: %v", what, err)
}

func check(ok bool, format string, args ...any) {
	if !ok {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
		os.Exit(1)
	}
}
