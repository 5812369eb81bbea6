// Command probe prints what a program sees of the image it runs in, one fact a line.
//
// With a URL as its argument it asks there, too, and prints the response's status or why there is none.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/user"
	"runtime"
	"time"
)

func main() {
	fmt.Println("uid", os.Getuid())
	fmt.Println("gid", os.Getgid())
	fmt.Println("arch", runtime.GOARCH)
	directory, _ := os.Getwd()
	fmt.Println("cwd", directory)
	if current, err := user.Current(); err != nil {
		fmt.Println("user error:", err)
	} else {
		fmt.Println("user", current.Username, current.HomeDir)
	}
	if berlin, err := time.LoadLocation("Europe/Berlin"); err != nil {
		fmt.Println("time error:", err)
	} else {
		// 2021-07-01T12:00:00Z: summer time, which no fixed offset gives in January, too.
		fmt.Println("summer", time.Unix(1625140800, 0).In(berlin).Format(time.RFC3339))
		fmt.Println("winter", time.Unix(1609502400, 0).In(berlin).Format(time.RFC3339))
	}
	fmt.Println("tmp", writable("/tmp"))
	fmt.Println("root", writable("/"))
	for _, url := range os.Args[1:] {
		response, err := http.Get(url)
		if err != nil {
			fmt.Println("tls error:", err)
			continue
		}
		fmt.Println("tls", response.StatusCode)
	}
}

// writable says whether a file can be made in a directory, and what its mode is.
func writable(directory string) string {
	status, err := os.Stat(directory)
	if err != nil {
		return err.Error()
	}
	file, err := os.CreateTemp(directory, "probe")
	if err != nil {
		return fmt.Sprint(status.Mode(), " not writable")
	}
	file.Close()
	os.Remove(file.Name())
	return fmt.Sprint(status.Mode(), " writable")
}
