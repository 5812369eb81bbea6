/// A certificate authority made for the tests, with certificates that it signed; PEM files in a directory.
package final class TestCertificates: Sendable {
    private let folder: String
    private let place: TemporaryDirectory?

    /// What a server's certificate says.
    package enum Server: String, Sendable, CaseIterable {
        /// It is for 127.0.0.1 and localhost, from yesterday to tomorrow.
        case good

        /// It was valid on one day of 2020.
        case expired

        /// It will be valid on one day of 2099.
        case future

        /// It is for `elsewhere.test`.
        case wrongHost

        /// Only its own key signed it.
        case selfSigned
    }

    /// Makes one that no other test knows.
    package init() throws {
        let place = try TemporaryDirectory()
        (self.place, folder) = (place, place.path)
        try Command.shell(Self.script, directory: folder).output()
    }

    /// Makes one in a folder beside the test bundle.
    private init(madeOnceIn name: String) throws {
        (place, folder) = (nil, try Built.emptied(name))
        try Command.shell(Self.script, directory: folder).output()
    }

    /// The one that all tests share to which it does not matter: made once a run, as keys take time.
    package static func shared() throws -> TestCertificates { try made.get() }

    private static let made = Result { try TestCertificates(madeOnceIn: "certificates") }

    package var authority: String { "\(folder)/ca.pem" }
    package var clientCertificate: String { "\(folder)/client.pem" }
    package var clientKey: String { "\(folder)/client.key" }

    /// The certificate and key of a server.
    package func server(_ kind: Server = .good) -> (certificate: String, key: String) {
        ("\(folder)/\(kind.rawValue).pem", "\(folder)/\(kind.rawValue).key")
    }

    // `openssl ca` alone can sign for days other than those from now on.
    private static let script = #"""
        set -e
        printf '%s\n' '[ca]' default_ca=it '[it]' database=index new_certs_dir=. serial=serial default_md=sha256 \
          policy=any rand_serial=yes unique_subject=no copy_extensions=copy email_in_dn=no '[any]' commonName=supplied >ca.conf
        : >index
        key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
        key ca
        openssl req -x509 -key ca.key -out ca.pem -days 2 -subj '/CN=Test Authority' \
          -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
        sign() { # name, subject, subjectAltName, extendedKeyUsage, first day, last day
          key "$1"
          openssl req -new -key "$1.key" -subj "/CN=$2" -addext "subjectAltName=$3" -addext "extendedKeyUsage=$4" -out "$1.csr"
          openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -startdate "$5" -enddate "$6" \
            -in "$1.csr" -out "$1.pem" 2>/dev/null
        }
        here=IP:127.0.0.1,DNS:localhost
        yesterday=$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)
        tomorrow=$(date -u -d '+1 day' +%Y%m%d%H%M%SZ)
        sign good 127.0.0.1 $here serverAuth $yesterday $tomorrow
        sign expired 127.0.0.1 $here serverAuth 20200101000000Z 20200102000000Z
        sign future 127.0.0.1 $here serverAuth 20990101000000Z 20990102000000Z
        sign wrongHost elsewhere.test DNS:elsewhere.test serverAuth $yesterday $tomorrow
        sign client tester DNS:tester.test clientAuth $yesterday $tomorrow
        key selfSigned
        openssl req -x509 -key selfSigned.key -out selfSigned.pem -days 2 -subj /CN=127.0.0.1 \
          -addext "subjectAltName=$here" -addext basicConstraints=critical,CA:FALSE
        """#
}
