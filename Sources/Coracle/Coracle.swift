// The library's public face: nothing is public yet.
