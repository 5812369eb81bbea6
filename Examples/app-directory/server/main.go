// Command site serves the files of the folder `public` below its working directory.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

// settings are read from a file that the image gets beside the application, so that another can be mounted over it.
type settings struct {
	Listen string `json:"listen"`
	Owner  string `json:"owner"`
}

func main() {
	file := flag.String("settings", "/etc/site/settings.json", "the `file` with the settings")
	get := flag.String("get", "", "print what the site answers for this `path`, and stop")
	flag.Parse()
	log.SetFlags(0)

	if err := run(*file, *get); err != nil {
		log.Fatal(err)
	}
}

func run(file, path string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var settings settings
	if err := json.Unmarshal(content, &settings); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if path != "" {
		settings.Listen = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site(settings), ReadHeaderTimeout: 5 * time.Second}
	if path == "" {
		log.Printf("listening at http://%s", listener.Addr())
		return server.Serve(listener)
	}
	go server.Serve(listener)
	defer server.Close()
	return show("http://" + listener.Addr().String() + path)
}

func site(settings settings) http.Handler {
	files := http.FileServer(http.Dir("public"))
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Server", settings.Owner)
		files.ServeHTTP(response, request)
	})
}

func show(url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	fmt.Printf("%s\nServer: %s\n\n", response.Status, response.Header.Get("Server"))
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}
