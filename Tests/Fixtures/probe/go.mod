module coracle.test/probe

go 1.19
