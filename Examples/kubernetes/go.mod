module coracle.example/kubernetes

go 1.19
