module coracle.example/service

go 1.19
