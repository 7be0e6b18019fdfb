// What Docker Compose's reader makes of each file of a folder: JSON lines of base64 texts, with `failed` where it gave
// the file up.
//
// Usage: compose-reader FOLDER COUNT
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

type answer struct {
	Failed bool              `json:"failed"`
	Values map[string]string `json:"values"`
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	nothing := func(string) (string, bool) { return "", false }
	for index := 0; index < count; index++ {
		text, err := os.ReadFile(filepath.Join(os.Args[1], strconv.Itoa(index)))
		if err != nil {
			panic(err)
		}
		values, err := dotenv.ParseWithLookup(strings.NewReader(string(text)), nothing)
		answered := answer{Failed: err != nil, Values: map[string]string{}}
		for name, value := range values {
			answered.Values[base64.StdEncoding.EncodeToString([]byte(name))] = base64.StdEncoding.EncodeToString([]byte(value))
		}
		line, err := json.Marshal(answered)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
