module coracle.test/hello

go 1.19
