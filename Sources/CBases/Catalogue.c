#include "CBases.h"

#include <stdbool.h>

// The catalogue of bases: a definition more is a block and a line here.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char debian12_static[] = {
#embed "../../Bases/debian12/static.yaml"
};

static const unsigned char debian12_base_nossl[] = {
#embed "../../Bases/debian12/base-nossl.yaml"
};

static const unsigned char debian12_base[] = {
#embed "../../Bases/debian12/base.yaml"
};

static const unsigned char debian12_cc[] = {
#embed "../../Bases/debian12/cc.yaml"
};

static const unsigned char debian12_python3[] = {
#embed "../../Bases/debian12/python3.yaml"
};

static const unsigned char debian12_nodejs[] = {
#embed "../../Bases/debian12/nodejs.yaml"
};

static const unsigned char debian12_java_headless[] = {
#embed "../../Bases/debian12/java-headless.yaml"
};

static const unsigned char debian12_musl[] = {
#embed "../../Bases/debian12/musl.yaml"
};

static const unsigned char debian12_lock[] = {
#embed "../../Bases/debian12/packages.lock.json"
};

static const unsigned char debian12_libraries[] = {
#embed "../../Bases/debian12/libraries.txt.gz"
};

static const unsigned char debian13_static[] = {
#embed "../../Bases/debian13/static.yaml"
};

static const unsigned char debian13_base_nossl[] = {
#embed "../../Bases/debian13/base-nossl.yaml"
};

static const unsigned char debian13_base[] = {
#embed "../../Bases/debian13/base.yaml"
};

static const unsigned char debian13_cc[] = {
#embed "../../Bases/debian13/cc.yaml"
};

static const unsigned char debian13_python3[] = {
#embed "../../Bases/debian13/python3.yaml"
};

static const unsigned char debian13_nodejs[] = {
#embed "../../Bases/debian13/nodejs.yaml"
};

static const unsigned char debian13_java_headless[] = {
#embed "../../Bases/debian13/java-headless.yaml"
};

static const unsigned char debian13_musl[] = {
#embed "../../Bases/debian13/musl.yaml"
};

static const unsigned char debian13_shell[] = {
#embed "../../Bases/debian13/shell.yaml"
};

static const unsigned char debian13_slim[] = {
#embed "../../Bases/debian13/slim.yaml"
};

static const unsigned char debian13_ruby[] = {
#embed "../../Bases/debian13/ruby.yaml"
};

static const unsigned char debian13_perl[] = {
#embed "../../Bases/debian13/perl.yaml"
};

static const unsigned char debian13_php_cli[] = {
#embed "../../Bases/debian13/php-cli.yaml"
};

static const unsigned char debian13_dotnet_deps[] = {
#embed "../../Bases/debian13/dotnet-deps.yaml"
};

static const unsigned char debian13_postgresql_client[] = {
#embed "../../Bases/debian13/postgresql-client.yaml"
};

static const unsigned char debian13_lock[] = {
#embed "../../Bases/debian13/packages.lock.json"
};

static const unsigned char debian13_libraries[] = {
#embed "../../Bases/debian13/libraries.txt.gz"
};

static const unsigned char alpine3_24_static[] = {
#embed "../../Bases/alpine-3.24/static.yaml"
};

static const unsigned char alpine3_24_base[] = {
#embed "../../Bases/alpine-3.24/base.yaml"
};

static const unsigned char alpine3_24_cc[] = {
#embed "../../Bases/alpine-3.24/cc.yaml"
};

static const unsigned char alpine3_24_shell[] = {
#embed "../../Bases/alpine-3.24/shell.yaml"
};

static const unsigned char wolfi_static[] = {
#embed "../../Bases/wolfi/static.yaml"
};

static const unsigned char wolfi_base[] = {
#embed "../../Bases/wolfi/base.yaml"
};

static const unsigned char wolfi_cc[] = {
#embed "../../Bases/wolfi/cc.yaml"
};

static const struct coracle_base_file files[] = {
    {"debian12", "static.yaml", debian12_static, sizeof debian12_static},
    {"debian12", "base-nossl.yaml", debian12_base_nossl, sizeof debian12_base_nossl},
    {"debian12", "base.yaml", debian12_base, sizeof debian12_base},
    {"debian12", "cc.yaml", debian12_cc, sizeof debian12_cc},
    {"debian12", "python3.yaml", debian12_python3, sizeof debian12_python3},
    {"debian12", "nodejs.yaml", debian12_nodejs, sizeof debian12_nodejs},
    {"debian12", "java-headless.yaml", debian12_java_headless, sizeof debian12_java_headless},
    {"debian12", "musl.yaml", debian12_musl, sizeof debian12_musl},
    {"debian12", "packages.lock.json", debian12_lock, sizeof debian12_lock},
    {"debian12", "libraries.txt.gz", debian12_libraries, sizeof debian12_libraries},
    {"debian13", "static.yaml", debian13_static, sizeof debian13_static},
    {"debian13", "base-nossl.yaml", debian13_base_nossl, sizeof debian13_base_nossl},
    {"debian13", "base.yaml", debian13_base, sizeof debian13_base},
    {"debian13", "cc.yaml", debian13_cc, sizeof debian13_cc},
    {"debian13", "python3.yaml", debian13_python3, sizeof debian13_python3},
    {"debian13", "nodejs.yaml", debian13_nodejs, sizeof debian13_nodejs},
    {"debian13", "java-headless.yaml", debian13_java_headless, sizeof debian13_java_headless},
    {"debian13", "musl.yaml", debian13_musl, sizeof debian13_musl},
    {"debian13", "shell.yaml", debian13_shell, sizeof debian13_shell},
    {"debian13", "slim.yaml", debian13_slim, sizeof debian13_slim},
    {"debian13", "ruby.yaml", debian13_ruby, sizeof debian13_ruby},
    {"debian13", "perl.yaml", debian13_perl, sizeof debian13_perl},
    {"debian13", "php-cli.yaml", debian13_php_cli, sizeof debian13_php_cli},
    {"debian13", "dotnet-deps.yaml", debian13_dotnet_deps, sizeof debian13_dotnet_deps},
    {"debian13", "postgresql-client.yaml", debian13_postgresql_client, sizeof debian13_postgresql_client},
    {"debian13", "packages.lock.json", debian13_lock, sizeof debian13_lock},
    {"debian13", "libraries.txt.gz", debian13_libraries, sizeof debian13_libraries},
    {"alpine-3.24", "static.yaml", alpine3_24_static, sizeof alpine3_24_static},
    {"alpine-3.24", "base.yaml", alpine3_24_base, sizeof alpine3_24_base},
    {"alpine-3.24", "cc.yaml", alpine3_24_cc, sizeof alpine3_24_cc},
    {"alpine-3.24", "shell.yaml", alpine3_24_shell, sizeof alpine3_24_shell},
    {"wolfi", "static.yaml", wolfi_static, sizeof wolfi_static},
    {"wolfi", "base.yaml", wolfi_base, sizeof wolfi_base},
    {"wolfi", "cc.yaml", wolfi_cc, sizeof wolfi_cc},
};

bool coracle_base_file_at(size_t index, struct coracle_base_file *file) {
    if (index >= sizeof files / sizeof files[0]) return false;
    *file = files[index];
    return true;
}
