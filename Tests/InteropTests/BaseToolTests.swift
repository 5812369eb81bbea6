import Glibc
import TestSupport
import Testing

/// The bases whose packages are Debian's own dependencies: what people run on them, as 65532 and on a root that is read-only.
@Suite(
    "What is on a base with dependencies",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct BaseToolTests {
    @Test("`shell` runs a script of many tools, which are where scripts look for them")
    func shell() throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: "debian13/shell"), in: place)
        let script = #"""
            set -euo pipefail
            n=0
            ok() { "$@" >/dev/null || { echo "failed: $*"; exit 1; }; n=$((n + 1)); }
            cd /usr/share/base-files
            f=profile
            ok arch; ok awk 'BEGIN { exit 0 }'; ok b2sum $f; ok base32 $f; ok base64 $f; ok basename a/b; ok cat $f
            ok chmod --version; ok cksum $f; ok cmp $f $f; ok comm $f $f; ok cut -c1 $f; ok date; ok dd if=$f status=none
            ok df /; ok diff $f $f; ok dirname a/b; ok du .; ok env; ok expand $f; ok expr 1; ok factor 12; ok find . -type f
            ok fmt $f; ok fold $f; ok getent passwd 65532; ok grep -q PATH $f; ok egrep -q PATH $f; ok gzip -c $f; ok head $f
            ok hostname; ok iconv -t UTF-16 $f; ok id; ok install --version; ok join $f $f; ok locale; ok ls -l; ok mawk 1 $f
            ok md5sum $f; ok nawk 1 $f; ok nl $f; ok nproc; ok od $f; ok paste $f; ok printf %s x; ok readlink /bin/sh
            ok realpath /bin/sh; ok run-parts --version; ok sed p $f; ok seq 3; ok sha256sum $f; ok shuf $f; ok sleep 0
            ok sort $f; ok stat $f; ok sum $f; ok tac $f; ok tail $f; ok tar cf - $f; ok tee /dev/null <$f; ok timeout 9 true
            ok tput -T xterm clear; ok tr a b <$f; ok uname -a; ok uniq $f; ok wc $f; ok which bash; ok xargs echo <$f
            ok /bin/sh -c :; ok /bin/dash -c :; ok /bin/bash -c :; ok /usr/bin/env sh -c :; ok zcat <(gzip -c $f)
            [ $n -ge 60 ] && echo "$(whoami) $HOME"
            getent services https | tr -s ' '
            getent passwd www-data
            TZ=Europe/Paris date -d @1625140800 +%T%z
            grep -c . /etc/shells
            for link in awk nawk which rmt; do test -x /etc/alternatives/$link || echo "no $link"; done
            . /etc/profile && locale charmap
            """#
        let outcome = try RealBases.run(in: place, arguments: ["-c", script])
        #expect(
            outcome.output == """
                nonroot /home/nonroot
                https 443/tcp
                www-data:*:33:33:www-data:/var/www:/usr/sbin/nologin
                14:00:00+0200
                9
                UTF-8

                """,
            "\(outcome.errors)"
        )
    }

    @Test("`slim` has what scripts expect of debian:13-slim, except apt")
    func slim() throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: "debian13/slim:nonroot"), in: place)
        let script = #"""
            set -eu
            for tool in perl dpkg start-stop-daemon update-alternatives flock getopt more pager mount setpriv runuser su \
                useradd lscpu logger script pidof service uuidgen; do
                command -v $tool >/dev/null 2>&1 || echo "no $tool"
            done
            dpkg --print-architecture
            dpkg --compare-versions 1.0~rc1 lt 1.0 && echo older
            perl -MPOSIX -e 'print((getpwuid($<))[0], "\n")'
            flock /etc/passwd echo locked
            command -v apt || echo no apt
            ls /usr/share/doc/bash; find /usr/share/man -type f
            """#
        let outcome = try RealBases.run(in: place, arguments: ["-c", script])
        #expect(
            outcome.output == "no uuidgen\namd64\nolder\nnonroot\nlocked\nno apt\ncopyright\n",
            "\(outcome.errors)"
        )
    }

    @Test(
        "a language knows its user and a time zone, and trusts a server of an authority of the user's, and no other",
        arguments: ["ruby", "php-cli"]
    )
    func language(base: String) throws {
        let place = try TemporaryDirectory()
        let certificates = try TestCertificates.shared()
        let (server, stranger) = (try SecureServer(certificates), try SecureServer(TestCertificates()))
        defer { [server, stranger].forEach { $0.stop() } }
        let programs = [
            "ruby": #"""
            require "etc"; require "json"; require "openssl"; require "psych"; require "socket"; require "time"; require "zlib"
            ENV["TZ"] = "Europe/Paris"
            puts Etc.getpwuid.name, Time.at(1625140800).iso8601, Encoding.default_external
            ARGV.each do |address|
              host, port = address.split(":")
              context = OpenSSL::SSL::SSLContext.new
              context.set_params
              socket = OpenSSL::SSL::SSLSocket.new(TCPSocket.new(host, port.to_i), context)
              begin
                socket.connect
                socket.post_connection_check(host)
                puts "TLS"
              rescue OpenSSL::SSL::SSLError
                puts "no TLS"
              end
            end

            """#,
            "php-cli": #"""
            <?php
            echo posix_getpwuid(posix_getuid())["name"], "\n";
            echo (new DateTime("@1625140800"))->setTimezone(new DateTimeZone("Europe/Paris"))->format("c"), "\n";
            $names = ["ctype", "fileinfo", "iconv", "openssl", "pdo", "phar", "readline", "sockets", "tokenizer", "Zend OPcache"];
            echo implode(",", array_filter($names, fn($name) => !extension_loaded($name))) ?: ini_get("default_charset"), "\n";
            foreach (array_slice($argv, 1) as $address) {
                echo @stream_socket_client("tls://$address", $code, $text, 20) ? "TLS\n" : "no TLS\n";
            }

            """#,
        ]
        let (name, program) = base == "ruby" ? ("main.rb", "/usr/bin/ruby") : ("main.php", "/usr/bin/php")
        try place.file("app/\(name)", try #require(programs[base]))
        try RealBases.build(
            [place("app")],
            on: "debian13/\(base)",
            in: place,
            ["--platform", "linux/amd64", "--ca", certificates.authority]
                + ["--entrypoint", "[\"\(program)\", \"/app/\(name)\"]"]
        )
        let outcome = try RealBases.run(
            in: place,
            arguments: [server, stranger].map { String($0.url.dropFirst("https://".count).dropLast()) },
            isOnNetwork: true
        )
        #expect(outcome.output == "nonroot\n2021-07-01T14:00:00+02:00\nUTF-8\nTLS\nno TLS\n", "\(outcome.errors)")
    }

    @Test(
        "what else the catalogue has starts",
        arguments: [
            (
                "perl",
                ["-MEncode", "-MJSON::PP", "-MTime::Piece", "-MSocket", "-MDB_File", "-e"]
                    + [
                        #"$ENV{TZ} = "Europe/Paris"; print((getpwuid($<))[0], " ", Time::Piece::localtime(1625140800)->hms, "\n")"#
                    ],
                "nonroot 14:00:00\n"
            ),
            ("postgresql-client", ["-h", "/nowhere", "-c", "select 1"], ""),
        ]
    )
    func starts(base: String, arguments: [String], output: String) throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: "debian13/\(base)"), in: place)
        let outcome = try RealBases.run(in: place, arguments: arguments)
        #expect(outcome.output == output, "\(outcome.errors)")
        // psql runs as far as the server that is not there.
        if base == "postgresql-client" {
            #expect(outcome.errors.contains("No such file or directory"), "\(outcome.errors)")
        }
    }

    @Test("a program on `dotnet-deps` opens ICU and OpenSSL by the names that .NET looks for")
    func dotnet() throws {
        let place = try TemporaryDirectory()
        try place.file(
            "opens.c",
            """
            #include <dlfcn.h>
            #include <stdio.h>
            int main(void) {
                const char *names[] = {"libicuuc.so.76", "libicui18n.so.76", "libssl.so.3", "libstdc++.so.6", "libz.so.1"};
                for (int i = 0; i < 5; i++) if (!dlopen(names[i], RTLD_NOW)) puts(dlerror());
                void *library = dlopen("libicuuc.so.76", RTLD_NOW);
                unsigned char version[4];
                ((void (*)(unsigned char *))dlsym(library, "u_getVersion_76"))(version);
                printf("ICU %d\\n", version[0]);
            }
            """
        )
        try Command("gcc", ["-O1", "-o", place("opens"), place("opens.c")]).output()
        try RealBases.build([place("opens")], on: "debian13/dotnet-deps", in: place)
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "ICU 76\n", "\(outcome.errors)")
    }

    @Test("a program that is linked with musl runs on `musl`", arguments: ["debian12", "debian13"])
    func musl(suite: String) throws {
        let place = try TemporaryDirectory()
        try place.file(
            "hello.c",
            """
            #include <pwd.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <time.h>
            #include <unistd.h>
            int main(void) {
                struct passwd *user = getpwuid(getuid());
                time_t noon = 1625140800;
                setenv("TZ", "Europe/Paris", 1);
                printf("%s %s", user ? user->pw_name : "nobody", ctime(&noon));
            }
            """
        )
        try Command("musl-gcc", ["-o", place("hello"), place("hello.c")]).output()
        try RealBases.build([place("hello")], on: "\(suite)/musl", in: place)
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "nonroot Thu Jul  1 14:00:00 2021\n", "\(outcome.errors)")
    }
}
