/// Which of Debian's packages have libraries that no base of the catalogue has: for hints.
package enum DebianPackages {
    /// The package of Debian's release `suite` that has `library`; `nil` if it is not known.
    package static func package(of library: String, in suite: String) -> String? { suites[suite]?[library] }

    /// In words that end a sentence: which package has `library`, or what Debian would call it; `nil` for a name that says nothing.
    ///
    /// Debian Policy, § 8.1.
    package static func words(for library: String, in suite: String) -> String? {
        if let package = package(of: library, in: suite) { return "Debian's package `\(package)` has it" }
        guard library.hasPrefix("lib"), let mark = library.firstRange(of: ".so."), mark.upperBound < library.endIndex
        else {
            return nil
        }
        var name = library[..<mark.lowerBound].lowercased().replacing("_", with: "-")
        if name.last?.isNumber == true { name += "-" }
        return "Debian's package for it should be called `\(name)\(library[mark.upperBound...])`"
    }

    private static let suites: [String: [String: String]] = {
        var suites: [String: [String: String]] = [:]
        for line in table.split(separator: ";") {
            let words = line.split(separator: " ")
            guard let first = words.first else { continue }
            let parts = first.split(separator: ":")
            let mark = parts.count == 2 ? parts[1] : ""
            for library in words.dropFirst() {
                if mark != "13" { suites["debian12", default: [:]][String(library)] = String(parts[0]) }
                let newer = mark == "t64" ? "\(parts[0])t64" : String(parts[0])
                if mark != "12" { suites["debian13", default: [:]][String(library)] = newer }
            }
        }
        return suites
    }()

    /// Packages and their libraries, as their `shlibs` name them. Behind a colon: the one release that has the package, or `t64` if
    /// Debian 13 calls it so at the end, since its times have 64 bits.
    private static let table =
        """
        libacl1 libacl.so.1; libaom3 libaom.so.3; libapparmor1 libapparmor.so.1; libarchive13:t64 \
        libarchive.so.13; libargon2-1 libargon2.so.1; libasound2:t64 libasound.so.2; libatk-bridge2.0-0:t64 \
        libatk-bridge-2.0.so.0; libatk1.0-0:t64 libatk-1.0.so.0; libatm1:t64 libatm.so.1; libatomic1 \
        libatomic.so.1; libatspi2.0-0:t64 libatspi.so.0; libattr1 libattr.so.1; libaudit1 libaudit.so.1; \
        libavahi-client3 libavahi-client.so.3; libavahi-common3 libavahi-common.so.3; libavcodec59:12 \
        libavcodec.so.59; libavcodec61:13 libavcodec.so.61; libavformat59:12 libavformat.so.59; libavif15:12 \
        libavif.so.15; libavutil57:12 libavutil.so.57; libblas3 libblas.so.3; libblkid1 libblkid.so.1; \
        libbpf1 libbpf.so.1; libbrotli1 libbrotlicommon.so.1 libbrotlidec.so.1 libbrotlienc.so.1; libbsd0 \
        libbsd.so.0; libbz2-1.0 libbz2.so.1.0; libc-ares2 libcares.so.2; libcairo-gobject2 \
        libcairo-gobject.so.2; libcairo2 libcairo.so.2; libcap-ng0 libcap-ng.so.0 libdrop_ambient.so.0; \
        libcap2 libcap.so.2 libpsx.so.2; libcbor0.8:12 libcbor.so.0.8; libcom-err2 libcom_err.so.2; \
        libcrypt1 libcrypt.so.1; libcryptsetup12 libcryptsetup.so.12; libcups2:t64 libcups.so.2; \
        libcurl3-gnutls:12 libcurl-gnutls.so.4; libcurl4:t64 libcurl.so.4; libdatrie1 libdatrie.so.1; \
        libdav1d6:12 libdav1d.so.6; libdb5.3:t64 libdb-5.3.so; libdbus-1-3 libdbus-1.so.3; libdconf1 \
        libdconf.so.1; libde265-0 libde265.so.0; libdebconfclient0 libdebconfclient.so.0; libdeflate0 \
        libdeflate.so.0; libdevmapper1.02.1 libdevmapper.so.1.02.1; libdrm-amdgpu1 libdrm_amdgpu.so.1; \
        libdrm-intel1 libdrm_intel.so.1; libdrm-nouveau2 libdrm_nouveau.so.2; libdrm-radeon1 \
        libdrm_radeon.so.1; libdrm2 libdrm.so.2; libduktape207 libduktape.so.207; libedit2 libedit.so.2; \
        libegl-mesa0 libEGL_mesa.so.0; libegl1 libEGL.so.1; libelf1:t64 libelf.so.1; libevent-2.1-7:t64 \
        libevent-2.1.so.7; libevent-core-2.1-7:t64 libevent_core-2.1.so.7; libexpat1 libexpat.so.1 \
        libexpatw.so.1; libext2fs2:t64 libe2p.so.2 libext2fs.so.2; libfdisk1 libfdisk.so.1; libffi8 \
        libffi.so.8; libfido2-1 libfido2.so.1; libfontconfig1 libfontconfig.so.1; libfontenc1 \
        libfontenc.so.1; libfreetype6 libfreetype.so.6; libfribidi0 libfribidi.so.0; libfuse2:t64 \
        libfuse.so.2; libfuse3-3:12 libfuse3.so.3; libgail18:t64 libgailutil.so.18; libgav1-1 libgav1.so.1; \
        libgbm1 libgbm.so.1; libgcc-s1 libgcc_s.so.1; libgcrypt20 libgcrypt.so.20; libgd3 libgd.so.3; \
        libgdal32:12 libgdal.so.32; libgdal36:13 libgdal.so.36; libgdbm-compat4:t64 libgdbm_compat.so.4; \
        libgdbm6:t64 libgdbm.so.6; libgdk-pixbuf-2.0-0 libgdk_pixbuf-2.0.so.0; libgeos-c1v5:12 \
        libgeos_c.so.1; libgfortran5 libgfortran.so.5; libgif7 libgif.so.7; libgl1 libGL.so.1; \
        libglapi-mesa:12 libglapi.so.0; libgles1 libGLESv1_CM.so.1; libgles2 libGLESv2.so.2; \
        libglib2.0-0:t64 libgio-2.0.so.0 libglib-2.0.so.0 libgmodule-2.0.so.0 libgobject-2.0.so.0 \
        libgthread-2.0.so.0; libglu1-mesa libGLU.so.1; libglut3.12 libglut.so.3.12; libglvnd0 \
        libGLdispatch.so.0; libglx-mesa0 libGLX_mesa.so.0; libglx0 libGLX.so.0; libgmp10 libgmp.so.10; \
        libgmpxx4ldbl libgmpxx.so.4; libgnutls-dane0:t64 libgnutls-dane.so.0; libgnutls-openssl27:t64 \
        libgnutls-openssl.so.27; libgnutls30:t64 libgnutls.so.30; libgnutlsxx30:12 libgnutlsxx.so.30; \
        libgomp1 libgomp.so.1; libgpg-error0 libgpg-error.so.0; libgpgme11:t64 libgpgme.so.11; libgpm2 \
        libgpm.so.2; libgraphite2-3 libgraphite2.so.3; libgrpc++1.51:t64 libgrpc++.so.1.51; libgssapi-krb5-2 \
        libgssapi_krb5.so.2; libgstreamer1.0-0 libgstbase-1.0.so.0 libgstcheck-1.0.so.0 \
        libgstcontroller-1.0.so.0 libgstnet-1.0.so.0 libgstreamer-1.0.so.0; libgtk-3-0:t64 libgdk-3.so.0 \
        libgtk-3.so.0; libgtk2.0-0:t64 libgdk-x11-2.0.so.0 libgtk-x11-2.0.so.0; libharfbuzz0b \
        libharfbuzz.so.0; libheif1 libheif.so.1; libhogweed6:t64 libhogweed.so.6; libice6 libICE.so.6; \
        libicu72:12 libicudata.so.72 libicui18n.so.72 libicuio.so.72 libicutest.so.72 libicutu.so.72 \
        libicuuc.so.72; libicu76:13 libicudata.so.76 libicui18n.so.76 libicuuc.so.76; libidn2-0 \
        libidn2.so.0; libip4tc2 libip4tc.so.2; libip6tc2 libip6tc.so.2; libjansson4 libjansson.so.4; \
        libjbig0 libjbig.so.0; libjemalloc2 libjemalloc.so.2; libjpeg62-turbo libjpeg.so.62; libjq1 \
        libjq.so.1; libjson-c5 libjson-c.so.5; libk5crypto3 libk5crypto.so.3; libkeyutils1 libkeyutils.so.1; \
        libkrb5-3 libkrb5.so.3; libkrb5support0 libkrb5support.so.0; liblapack3 liblapack.so.3; liblcms2-2 \
        liblcms2.so.2; libldap-2.5-0:12 liblber-2.5.so.0 libldap-2.5.so.0; libldap2:13 libldap.so.2; \
        liblept5:12 liblept.so.5; libleptonica6:13 libleptonica.so.6; liblerc4 libLerc.so.4; liblz4-1 \
        liblz4.so.1; liblzma5 liblzma.so.5; libmagic1:t64 libmagic.so.1; libmariadb3 libmariadb.so.3; libmd0 \
        libmd.so.0; libmnl0 libmnl.so.0; libmount1 libmount.so.1; libmpfr6 libmpfr.so.6; libmpg123-0:t64 \
        libmpg123.so.0; libncurses6 libform.so.6 libmenu.so.6 libncurses.so.6 libpanel.so.6; libncursesw6 \
        libformw.so.6 libmenuw.so.6 libncursesw.so.6 libpanelw.so.6; libnetfilter-conntrack3 \
        libnetfilter_conntrack.so.3; libnettle8:t64 libnettle.so.8; libnfnetlink0 libnfnetlink.so.0; \
        libnftnl11 libnftnl.so.11; libnghttp2-14 libnghttp2.so.14; libnode108:12 libnode.so.108; \
        libnode115:13 libnode.so.115; libnsl2 libnsl.so.2; libnspr4 libnspr4.so libplc4.so libplds4.so; \
        libnss3 libnss3.so libnssutil3.so libsmime3.so libssl3.so; libnuma1 libnuma.so.1; libodbc2 \
        libodbc.so.2; libonig5 libonig.so.5; libopenblas0 libopenblas.so.0; libopengl0 libOpenGL.so.0; \
        libopus0 libopus.so.0; libp11-kit0 libp11-kit.so.0; libpam0g libpam.so.0 libpam_misc.so.0 \
        libpamc.so.0; libpango-1.0-0 libpango-1.0.so.0; libpangocairo-1.0-0 libpangocairo-1.0.so.0; \
        libpangoft2-1.0-0 libpangoft2-1.0.so.0; libpcap0.8:t64 libpcap.so.0.8; libpciaccess0 \
        libpciaccess.so.0; libpcre2-8-0 libpcre2-8.so.0; libpcsclite1 libpcsclite.so.1; libpixman-1-0 \
        libpixman-1.so.0; libpng16-16:t64 libpng16.so.16; libportaudio2 libportaudio.so.2; libpq5 \
        libpq.so.5; libproj25 libproj.so.25; libprotobuf32:t64 libprotobuf.so.32; libpsl5:t64 libpsl.so.5; \
        libpulse0 libpulse.so.0; libpython3.11:12 libpython3.11.so.1.0; libpython3.13:13 \
        libpython3.13.so.1.0; libquadmath0 libquadmath.so.0; librav1e0:12 librav1e.so.0; librdkafka1 \
        librdkafka.so.1; libre2-11:13 libre2.so.11; libre2-9:12 libre2.so.9; libreadline8:t64 \
        libhistory.so.8 libreadline.so.8; librocksdb7.8:12 librocksdb.so.7.8; librsvg2-2 librsvg-2.so.2; \
        librtmp1 librtmp.so.1; libsasl2-2 libsasl2.so.2; libseccomp2 libseccomp.so.2; libselinux1 \
        libselinux.so.1; libsensors5 libsensors.so.5; libslang2 libslang.so.2; libsm6 libSM.so.6; \
        libsmartcols1 libsmartcols.so.1; libsnappy1v5 libsnappy.so.1; libsndfile1 libsndfile.so.1; \
        libsodium23 libsodium.so.23; libsqlite3-0 libsqlite3.so.0; libssh2-1:t64 libssh2.so.1; libssl3:t64 \
        libcrypto.so.3 libssl.so.3; libstdc++6 libstdc++.so.6; libstemmer0d libstemmer.so.0d; \
        libsvtav1enc1:12 libSvtAv1Enc.so.1; libsystemd0 libsystemd.so.0; libtasn1-6 libtasn1.so.6; libtbb12 \
        libtbb.so.12; libtcmalloc-minimal4:t64 libtcmalloc.so.4; libtesseract5 libtesseract.so.5; libthai0 \
        libthai.so.0; libtiff6 libtiff.so.6; libtinfo6 libtic.so.6 libtinfo.so.6; libtirpc3:t64 \
        libtirpc.so.3; libuchardet0 libuchardet.so.0; libudev1 libudev.so.1; libunbound8 libunbound.so.8; \
        libunistring2:12 libunistring.so.2; libunwind8 libunwind-coredump.so.0 libunwind-ptrace.so.0 \
        libunwind-x86_64.so.8 libunwind.so.8; liburing2 liburing.so.2; libusb-1.0-0 libusb-1.0.so.0; \
        libutempter0 libutempter.so.0; libuuid1 libuuid.so.1; libuv1:t64 libuv.so.1; libvips42:t64 \
        libvips.so.42; libwayland-client0 libwayland-client.so.0; libwayland-server0 libwayland-server.so.0; \
        libwebp7 libwebp.so.7; libx11-6 libX11.so.6; libx11-xcb1 libX11-xcb.so.1; libx265-199:12 \
        libx265.so.199; libxau6 libXau.so.6; libxaw7 libXaw.so.7; libxcb-cursor0 libxcb-cursor.so.0; \
        libxcb-dri2-0 libxcb-dri2.so.0; libxcb-dri3-0 libxcb-dri3.so.0; libxcb-glx0 libxcb-glx.so.0; \
        libxcb-image0 libxcb-image.so.0; libxcb-present0 libxcb-present.so.0; libxcb-randr0 \
        libxcb-randr.so.0; libxcb-render-util0 libxcb-render-util.so.0; libxcb-render0 libxcb-render.so.0; \
        libxcb-shape0 libxcb-shape.so.0; libxcb-shm0 libxcb-shm.so.0; libxcb-sync1 libxcb-sync.so.1; \
        libxcb-util1 libxcb-util.so.1; libxcb-xfixes0 libxcb-xfixes.so.0; libxcb-xkb1 libxcb-xkb.so.1; \
        libxcb1 libxcb.so.1; libxcomposite1 libXcomposite.so.1; libxcursor1 libXcursor.so.1; libxdamage1 \
        libXdamage.so.1; libxdmcp6 libXdmcp.so.6; libxext6 libXext.so.6; libxfixes3 libXfixes.so.3; libxft2 \
        libXft.so.2; libxi6 libXi.so.6; libxinerama1 libXinerama.so.1; libxkbcommon-x11-0 \
        libxkbcommon-x11.so.0; libxkbcommon0 libxkbcommon.so.0; libxkbfile1 libxkbfile.so.1; libxml2 \
        libxml2.so.2; libxmlb2 libxmlb.so.2; libxmlsec1:t64 libxmlsec1.so.1; libxmlsec1-gcrypt:12 \
        libxmlsec1-gcrypt.so.1; libxmlsec1-gnutls:12 libxmlsec1-gnutls.so.1; libxmlsec1-nss:12 \
        libxmlsec1-nss.so.1; libxmlsec1-openssl:12 libxmlsec1-openssl.so.1; libxmu6 libXmu.so.6; libxmuu1 \
        libXmuu.so.1; libxpm4 libXpm.so.4; libxrandr2 libXrandr.so.2; libxrender1 libXrender.so.1; \
        libxshmfence1 libxshmfence.so.1; libxslt1.1 libexslt.so.0 libxslt.so.1; libxss1 libXss.so.1; \
        libxt6:t64 libXt.so.6; libxtables12 libxtables.so.12; libxtst6 libXtst.so.6; libxv1 libXv.so.1; \
        libxxf86dga1 libXxf86dga.so.1; libxxf86vm1 libXxf86vm.so.1; libxxhash0 libxxhash.so.0; libyaml-0-2 \
        libyaml-0.so.2; libyuv0 libyuv.so.0; libz3-4 libz3.so.4; libzmq5 libzmq.so.5; libzstd1 libzstd.so.1; \
        zlib1g libz.so.1
        """
}
