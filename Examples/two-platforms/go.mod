module coracle.example/greet

go 1.19
