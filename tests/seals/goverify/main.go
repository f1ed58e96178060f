// Command goverify checks what the ledger's log says of itself by packages that nobody here wrote:
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
// It reads one JSON document from standard input, prints "valid" and exits 0, or names the first
// thing that is not valid and exits 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// Asked is what is to be checked. Bytes are base64.
type Asked struct {
	Keys        []string // verifier keys
	Directory   string   // of the tiles
	First       string   // an earlier signed checkpoint
	Second      string   // a later one
	Index       int64    // of a leaf
	Leaf        []byte   // its data
	Inclusion   [][]byte // our proof that it lies in the second tree
	Consistency [][]byte // our proof that the second tree begins with the first
	Tiles       []string // the names of all tiles of the second tree
}

// tiles reads a log's directory in the layout of C2SP's tlog-tiles.
type tiles struct{ directory string }

func (t tiles) Height() int { return height }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		content, err := os.ReadFile(filepath.Join(t.directory, name(tile)))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

// name is a tile's path without the height, which tlog-tiles fixes at 8.
func name(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

func open(signed string, keys []string) (tlog.Tree, error) {
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return tlog.Tree{}, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 3 || lines[0] != verifiers[0].Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifiers[0].Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("the root is none")
	}
	return tlog.Tree{N: size, Hash: hashes([][]byte{root})[0]}, nil
}

func hashes(given [][]byte) []tlog.Hash {
	var found []tlog.Hash
	for _, one := range given {
		var hash tlog.Hash
		copy(hash[:], one)
		found = append(found, hash)
	}
	return found
}

func same(ours, theirs []tlog.Hash, what string) error {
	if len(ours) != len(theirs) {
		return fmt.Errorf("%s: %d hashes, not %d", what, len(ours), len(theirs))
	}
	for n := range ours {
		if !bytes.Equal(ours[n][:], theirs[n][:]) {
			return fmt.Errorf("%s: hash %d is another", what, n)
		}
	}
	return nil
}

func verify(asked Asked) error {
	first, err := open(asked.First, asked.Keys)
	if err != nil {
		return fmt.Errorf("first checkpoint: %w", err)
	}
	second, err := open(asked.Second, asked.Keys)
	if err != nil {
		return fmt.Errorf("second checkpoint: %w", err)
	}
	leaf := tlog.RecordHash(asked.Leaf)
	inclusion, consistency := tlog.RecordProof(hashes(asked.Inclusion)), tlog.TreeProof(hashes(asked.Consistency))
	if err := tlog.CheckRecord(inclusion, second.N, second.Hash, asked.Index, leaf); err != nil {
		return fmt.Errorf("our proof of inclusion: %w", err)
	}
	if err := tlog.CheckTree(consistency, second.N, second.Hash, first.N, first.Hash); err != nil {
		return fmt.Errorf("our proof of consistency: %w", err)
	}
	reader := tlog.TileHashReader(second, tiles{asked.Directory})
	included, err := tlog.ProveRecord(second.N, asked.Index, reader)
	if err != nil {
		return fmt.Errorf("inclusion by our tiles: %w", err)
	}
	if err := same(inclusion, included, "inclusion"); err != nil {
		return err
	}
	consistent, err := tlog.ProveTree(second.N, first.N, reader)
	if err != nil {
		return fmt.Errorf("consistency by our tiles: %w", err)
	}
	if err := same(consistency, consistent, "consistency"); err != nil {
		return err
	}
	var names []string
	for _, tile := range tlog.NewTiles(height, 0, second.N) {
		names = append(names, name(tile))
	}
	if ours, theirs := strings.Join(asked.Tiles, " "), strings.Join(names, " "); ours != theirs {
		return fmt.Errorf("tiles %s, not %s", ours, theirs)
	}
	return nil
}

func main() {
	var asked Asked
	err := json.NewDecoder(os.Stdin).Decode(&asked)
	if err == nil {
		err = verify(asked)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("valid")
}
