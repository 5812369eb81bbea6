module coracle.example/site

go 1.19
