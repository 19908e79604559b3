// An independent reader of our logs: Go's own implementation of transparency logs and signed notes (golang.org/x/mod/sumdb),
// which its checksum database runs on, over the checkpoints, tiles, entries and proofs that a server of ours shows.
// Usage: main URL KEY
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var base, key = os.Args[1], os.Args[2]
var done = 0

func check(what string, holds bool, seen ...interface{}) {
	if !holds {
		fmt.Printf("FAILED: %s: %v\n", what, seen)
		os.Exit(1)
	}
	done++
}

func must(what string, err error) {
	check(what, err == nil, err)
}

// The body of an answer; nil for any status but 200.
func get(path string) []byte {
	request, err := http.NewRequest("GET", base+path, nil)
	must(path, err)
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	must(path, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(path, err)
	if response.StatusCode != 200 {
		return nil
	}
	return body
}

func post(path string, body interface{}) {
	encoded, err := json.Marshal(body)
	must(path, err)
	request, err := http.NewRequest("POST", base+path, bytes.NewReader(encoded))
	must(path, err)
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	must(path, err)
	response.Body.Close()
	check(path, response.StatusCode == 200, response.StatusCode)
}

func write(records int) {
	events := []map[string]interface{}{}
	for n := 0; n < records; n++ {
		message := fmt.Sprintf("record %d <&> \u2028 \U0001F600", n)
		events = append(events, map[string]interface{}{"event": map[string]string{"message": message}})
	}
	post("/v2/log", map[string]interface{}{"events": events})
}

// A record's proof as the server shows it once it is published.
func proof(index int64) []byte {
	for try := 0; try < 100; try++ {
		if shown := get(fmt.Sprintf("/v1/proof/%d", index)); shown != nil {
			return shown
		}
		time.Sleep(100 * time.Millisecond)
	}
	check(fmt.Sprintf("record %d is published within ten seconds", index), false)
	return nil
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// Opens a signed checkpoint with Go's notes.
func open(message []byte, verifier note.Verifier) checkpoint {
	opened, err := note.Open(message, note.VerifierList(verifier))
	must("the signature of a checkpoint", err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("the size in a checkpoint", err)
	root, err := tlog.ParseHash(lines[2])
	must("the root in a checkpoint", err)
	return checkpoint{lines[0], size, root}
}

// Reads tiles as Go does, from where C2SP puts them: Go names the height of a tile too.
type tiles struct{ origin string }

func (tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		path := "/log/" + t.origin + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data := get(path)
		if data == nil {
			return nil, fmt.Errorf("no %s", path)
		}
		read = append(read, data)
	}
	return read, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// All entries of a log, from its bundles of entries.
func entries(origin string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		path := (tlog.Tile{H: 8, L: -1, N: n, W: int(width)}).Path()
		data := get("/log/" + origin + "/" + strings.Replace(path, "tile/8/data/", "tile/entries/", 1))
		check("a bundle of entries", data != nil, path)
		for len(data) > 0 {
			length := int(data[0])<<8 | int(data[1])
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

// The root of the tree that the vendor's SDKs verify, worked out from its definition.
func pangea(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	split := 1
	for split*2 < len(leaves) {
		split *= 2
	}
	both := sha256.Sum256(append(append([]byte{}, pangea(leaves[:split])...), pangea(leaves[split:])...))
	return both[:]
}

func verify(origin string, verifier note.Verifier) checkpoint {
	signed := open(get("/log/"+origin+"/checkpoint"), verifier)
	check("the origin", signed.origin == origin, signed)
	all := entries(origin, signed.size)
	check("the number of entries", int64(len(all)) == signed.size, len(all), signed.size)

	// The tree over the entries has the signed root.
	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for n, entry := range all {
		hashes, err := tlog.StoredHashes(int64(n), entry, own)
		must("hashes of an entry", err)
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(signed.size, own)
	must("the root of the entries", err)
	check("the root of the entries is the signed one", root == signed.root, root, signed.root)

	// The tiles hold the same hashes, and prove every record.
	reader := tlog.TileHashReader(tlog.Tree{N: signed.size, Hash: signed.root}, tiles{origin})
	var places []int64
	for n := int64(0); n < signed.size; n++ {
		places = append(places, tlog.StoredHashIndex(0, n))
	}
	leaves, err := reader.ReadHashes(places)
	must("the tiles", err)
	for n, leaf := range leaves {
		check("a leaf of the tiles", leaf == tlog.RecordHash(all[n]), n)
		proven, err := tlog.ProveRecord(signed.size, int64(n), reader)
		must("a proof from the tiles", err)
		must("a record", tlog.CheckRecord(proven, signed.size, signed.root, int64(n), leaf))
	}

	// Each entry binds the leaf and the root of the other tree.
	var records [][]byte
	for n, entry := range all {
		check("the form of an entry", len(entry) == 65 && entry[0] == 1, n)
		records = append(records, entry[1:33])
		if n%37 == 0 || n == len(all)-1 {
			check("the bound root", bytes.Equal(entry[33:], pangea(records)), n)
		}
	}
	return signed
}

// A proof file verifies with Go's notes and trees.
func verifyFile(index int64, verifier note.Verifier) {
	head, message, found := strings.Cut(string(proof(index)), "\n\n")
	check("the form of a proof", found)
	lines := strings.Split(head, "\n")
	check("the first line of a proof", lines[0] == "c2sp.org/tlog-proof@v1", lines[0])
	extra, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must("the extra data of a proof", err)
	check("the index of a proof", lines[2] == fmt.Sprintf("index %d", index), lines[2])
	var proven tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		must("a hash of a proof", err)
		proven = append(proven, hash)
	}
	signed := open([]byte(message), verifier)
	entry := append([]byte{1}, extra...)
	must("a proof file", tlog.CheckRecord(proven, signed.size, signed.root, index, tlog.RecordHash(entry)))
}

func main() {
	write(700)
	shown := string(proof(1))
	origin := strings.SplitN(shown[strings.Index(shown, "\n\n")+2:], "\n", 2)[0]
	verifier, err := note.NewVerifier(strings.SplitN(string(get("/log/"+origin+"/vkey")), "\n", 2)[0])
	must("the key of the log", err)
	proof(600)
	before := verify(origin, verifier)
	for _, index := range []int64{0, 1, 255, 256, 511, 600} {
		verifyFile(index, verifier)
	}

	write(600)
	proof(before.size + 500)
	after := verify(origin, verifier)
	check("the log grew", after.size > before.size, before, after)
	reader := tlog.TileHashReader(tlog.Tree{N: after.size, Hash: after.root}, tiles{origin})
	grown, err := tlog.ProveTree(after.size, before.size, reader)
	must("a proof of consistency", err)
	must("consistency", tlog.CheckTree(grown, after.size, after.root, before.size, before.root))
	check("a tile that is not there yet", get(fmt.Sprintf("/log/%s/tile/0/%03d", origin, after.size/256+8)) == nil)
	fmt.Printf("golang.org/x/mod/sumdb: %d checks\n", done)
}
