# escape=`
# files: conf.tar.gz
ARG BASE=alpine
ARG TAG="3.22"
FROM ${BASE}:${TAG:-latest} as tool
FROM --platform=$BUILDPLATFORM busybox AS unused
run echo never
From scratch
maintainer A. Person
label a=b c="d e" "f.g"='h $i'
env OLD value with spaces
env A=1 B="two $A" C='$A'
copy ["a file.txt", "/data/a file.txt"]
add --chmod=0640 conf.tar.gz /etc/conf/
copy --link --from=tool /bin/busybox /bin/
workdir /data
workdir sub
entrypoint [ "/bin/busybox", `
   "sh" ]
cmd echo "$HOME" && true
onbuild copy . /x
shell ["/bin/busybox", "sh", "-c"]
expose 80 443/udp 5000-5003
volume ["/data", "/cache"]
