// Command hello is a small HTTP service that uses what images made from nothing often lack: certificate authorities,
// time zones, a user with a name and a home, and a place for temporary files.
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	"time"
)

func main() {
	listen := flag.String("listen", ":8080", "the `address` to listen at")
	upstream := flag.String("upstream", "https://example.com/", "the `URL` that /upstream asks")
	check := flag.Bool("check", false, "print what the program finds around it, and stop")
	flag.Parse()
	log.SetFlags(0)

	if *check {
		if err := report(os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := serve(*listen, handler(*upstream)); err != nil {
		log.Fatal(err)
	}
}

// serve answers requests until a signal asks it to stop.
func serve(address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	// The first process of a container gets no default action for signals: without this, SIGTERM would do nothing.
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-stop.Done()
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(patience)
	}()
	log.Printf("listening at http://%s", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	log.Print("stopped")
	return <-stopped
}

func handler(upstream string) http.Handler {
	client := &http.Client{Timeout: 10 * time.Second}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/" {
			http.NotFound(response, request)
			return
		}
		fmt.Fprintf(response, "hello from a process of user %d\n", os.Getuid())
	})
	mux.HandleFunc("/time", func(response http.ResponseWriter, request *http.Request) {
		zone, err := time.LoadLocation(request.URL.Query().Get("zone"))
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintln(response, time.Now().In(zone).Format(time.RFC1123Z))
	})
	mux.HandleFunc("/upstream", func(response http.ResponseWriter, request *http.Request) {
		answer, err := client.Get(upstream)
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		fmt.Fprintf(response, "%s says %s\n", upstream, answer.Status)
	})
	return mux
}

// report writes one line for each thing that the program needs from its image.
func report(out io.Writer) error {
	account, err := user.Current()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "user:  %s (%s:%s), home %s\n", account.Username, account.Uid, account.Gid, account.HomeDir)

	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	noon := time.Date(2024, time.July, 1, 12, 0, 0, 0, time.UTC)
	fmt.Fprintf(out, "zones: %s is %s in Berlin\n", noon.Format("15:04 MST on 2 January 2006"), noon.In(zone).Format("15:04 MST"))

	roots, err := x509.SystemCertPool()
	if err != nil {
		return err
	}
	// Deprecated, as it cannot list what the system holds elsewhere; on Linux the pool is read from files.
	if count := len(roots.Subjects()); count < 100 {
		return fmt.Errorf("only %d certificate authorities are trusted", count)
	}
	fmt.Fprintln(out, "trust: more than 100 certificate authorities")

	file, err := os.CreateTemp("", "hello-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	fmt.Fprintf(out, "files: %s can be written\n", os.TempDir())
	return file.Close()
}
