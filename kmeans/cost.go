package kmeans

// Cost counts what a run took, so that algorithms can be compared.
type Cost struct {
	Distances int64 // evaluated between a point and a center, those inside matrix products included
	Others    int64 // evaluated between centers
	Plain     int64 // what the plain loops would have evaluated
}

func (c *Cost) add(o Cost) {
	c.Distances += o.Distances
	c.Others += o.Others
	c.Plain += o.Plain
}
