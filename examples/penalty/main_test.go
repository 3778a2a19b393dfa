package main

func Example() {
	main()
	// Output:
	// weights: [1 0 -1 1 0] bias: [0] error: <nil>
}
