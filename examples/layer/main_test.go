package main

func Example() {
	main()
	// Output:
	// wrong in the gradient: <nil>
	// learned ω = 3.00 of sin(3x), error: <nil>
}
