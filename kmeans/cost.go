package kmeans

// Cost counts what a run took, so that algorithms can be compared.
type Cost struct {
	Distances int64 // evaluated between points and centers, n coordinates each
	Scores    int64 // products of points and centers that screened, in all coordinates or a few dozen
	Plain     int64 // distances that the plain loops would have evaluated
}

func (c *Cost) add(o Cost) {
	c.Distances += o.Distances
	c.Scores += o.Scores
	c.Plain += o.Plain
}
