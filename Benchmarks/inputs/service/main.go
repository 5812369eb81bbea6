// Command service is the `binary` input of the benchmarks: a static Go program of the size of a small production service.
// It uses much of the standard library for real, so that the linker keeps it; nothing in it is meant to be run for its own sake.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"debug/dwarf"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/csv"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"expvar"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"html/template"
	"image"
	_ "image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/cgi"
	"net/http/cookiejar"
	"net/http/fcgi"
	"net/http/httptest"
	"net/http/httputil"
	_ "net/http/pprof"
	"net/mail"
	"net/rpc/jsonrpc"
	"net/smtp"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"
	_ "time/tzdata"
)

type order struct {
	XMLName xml.Name          `xml:"order" json:"-"`
	ID      string            `xml:"id,attr" json:"id"`
	Lines   []line            `xml:"line" json:"lines"`
	Labels  map[string]string `xml:"-" json:"labels,omitempty"`
	Placed  time.Time         `xml:"placed" json:"placed"`
}

type line struct {
	Article string  `xml:"article" json:"article"`
	Count   int     `xml:"count" json:"count"`
	Price   float64 `xml:"price" json:"price"`
}

var page = template.Must(template.New("order").Parse(
	`<h1>{{.ID}}</h1>{{range .Lines}}<p>{{.Article | printf "%q"}} {{.Count}}</p>{{end}}`))

var served = expvar.NewInt("served")

func encode(w http.ResponseWriter, r *http.Request) {
	served.Add(1)
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch r.URL.Query().Get("as") {
	case "xml":
		_ = xml.NewEncoder(w).Encode(o)
	case "gob":
		_ = gob.NewEncoder(w).Encode(o)
	case "csv":
		rows := csv.NewWriter(w)
		for _, l := range o.Lines {
			_ = rows.Write([]string{l.Article, fmt.Sprint(l.Count)})
		}
		rows.Flush()
	default:
		_ = page.Execute(w, o)
	}
}

func archive(w http.ResponseWriter, r *http.Request) {
	var entries bytes.Buffer
	t := tar.NewWriter(&entries)
	_ = t.WriteHeader(&tar.Header{Name: "orders", Size: r.ContentLength})
	_, _ = io.Copy(t, r.Body)
	_ = t.Close()
	z := zip.NewWriter(w)
	if f, err := z.Create("orders.tar.gz"); err == nil {
		g := gzip.NewWriter(f)
		_, _ = g.Write(entries.Bytes())
		_ = g.Close()
	}
	_ = z.Close()
}

func inspect(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("file")
	var data *dwarf.Data
	if f, err := elf.Open(name); err == nil {
		data, _ = f.DWARF()
	} else if f, err := macho.Open(name); err == nil {
		data, _ = f.DWARF()
	} else if f, err := pe.Open(name); err == nil {
		data, _ = f.DWARF()
	}
	fmt.Fprintln(w, data != nil)
}

func check(w http.ResponseWriter, r *http.Request) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "input.go", r.Body, parser.ParseComments)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rules := types.Config{Importer: importer.Default()}
	if _, err := rules.Check("input", files, []*ast.File{file}, nil); err != nil {
		fmt.Fprintln(w, err)
	}
	table := tabwriter.NewWriter(w, 0, 8, 1, ' ', 0)
	if described, err := doc.NewFromFiles(files, []*ast.File{file}, "input"); err == nil {
		for _, f := range described.Funcs {
			fmt.Fprintf(table, "%s\t%s\n", f.Name, described.Synopsis(f.Doc))
		}
	}
	_ = table.Flush()
	if found, err := build.ImportDir(r.URL.Query().Get("in"), 0); err == nil {
		fmt.Fprintln(w, found.Imports)
	}
	_ = format.Node(w, files, file)
}

func picture(w http.ResponseWriter, r *http.Request) {
	p, kind, err := image.Decode(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	}
	if kind == "png" {
		_ = jpeg.Encode(w, p, nil)
		return
	}
	_ = png.Encode(w, p)
}

func send(w http.ResponseWriter, r *http.Request) {
	from, err := mail.ParseAddress(r.URL.Query().Get("from"))
	if err != nil || !regexp.MustCompile(`^[a-z.]+@[a-z.]+$`).MatchString(from.Address) {
		http.Error(w, "who sends this?", http.StatusBadRequest)
		return
	}
	text := textproto.MIMEHeader{"Subject": {strings.ToTitle("order")}}
	err = smtp.SendMail("localhost:25", nil, from.Address, []string{from.Address}, []byte(fmt.Sprint(text)))
	fmt.Fprintln(w, err)
}

func certificate() (tls.Certificate, error) {
	_, _, _ = ed25519.GenerateKey(rand.Reader)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	draft := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, draft, draft, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func main() {
	address := flag.String("listen", "localhost:0", "the address to serve")
	driver := flag.String("driver", "", "a database driver")
	flag.Parse()
	if *driver != "" {
		if db, err := sql.Open(*driver, "orders"); err == nil {
			_ = db.PingContext(context.Background())
		}
		_, _ = jsonrpc.Dial("tcp", *driver)
	}
	jar, _ := cookiejar.New(nil)
	forward := &httputil.ReverseProxy{Director: func(r *http.Request) { jar.SetCookies(r.URL, r.Cookies()) }}
	http.HandleFunc("/encode", encode)
	http.HandleFunc("/archive", archive)
	http.HandleFunc("/inspect", inspect)
	http.HandleFunc("/check", check)
	http.HandleFunc("/picture", picture)
	http.HandleFunc("/send", send)
	http.Handle("/forward/", forward)
	http.Handle("/cgi/", &cgi.Handler{Path: os.Args[0]})
	if os.Getenv("SELF_TEST") != "" {
		local := httptest.NewTLSServer(http.DefaultServeMux)
		_, err := local.Client().Get(local.URL)
		log.Fatal(err)
	}
	if os.Getenv("FASTCGI") != "" {
		log.Fatal(fcgi.Serve(nil, nil))
	}
	own, err := certificate()
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *address, TLSConfig: &tls.Config{Certificates: []tls.Certificate{own}}}
	log.Fatal(server.ListenAndServeTLS("", ""))
}
