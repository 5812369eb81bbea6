module coracle.example/hello

go 1.19
