// Command greet says what it was built for.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Printf("hello from %s/%s, user %d\n", runtime.GOOS, runtime.GOARCH, os.Getuid())
}
