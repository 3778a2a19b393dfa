package kmeans_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// The cases of testdata/kmeans.json: each says how its expected values were
// found.
type referenceCase struct {
	Name, Op string
	Inputs   struct {
		X        json.RawMessage
		Centers  [][]float64
		Schedule struct {
			Kind             string
			Alpha, Alpha0, P float64
			T0               float64 `json:"t0"`
		}
		Epochs        int
		InitialCounts []int `json:"initial_counts"`
		Batches       [][]int
		MaxIter       int `json:"max_iter"`
		K             int `json:"K"`
		Uniforms      []float64
	}
	Expected  expected
	Tolerance struct{ Abs, Rel float64 }
}

// expected holds the outputs of a case; those that a case does not name are nil.
type expected struct {
	Error             string
	Value, Inertia    *float64
	Index, Updates    *int
	Grad, Centers     [][]float64
	Counts, Labels    []int
	Indices           []int
	InertiaTrajectory []float64 `json:"inertia_trajectory"`
}

func matrix(rows [][]float64) *tensor.Tensor[float64] {
	n := 0
	if len(rows) > 0 {
		n = len(rows[0])
	}
	t := tensor.New[float64](len(rows), n)
	for i, r := range rows {
		copy(t.Row(i), r)
	}
	return t
}

func rowsOf(t *tensor.Tensor[float64]) [][]float64 {
	out := make([][]float64, t.Shape[0])
	for i := range out {
		out[i] = t.Row(i)
	}
	return out
}

func (c *referenceCase) points(t *testing.T) *tensor.Tensor[float64] {
	var rows [][]float64
	if err := json.Unmarshal(c.Inputs.X, &rows); err != nil {
		t.Fatal(err)
	}
	return matrix(rows)
}

func TestReference(t *testing.T) {
	data, err := os.ReadFile("testdata/kmeans.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := c.run(t)
			if want := c.Expected.Error; want != "" {
				if e := new(kmeans.DomainError); !errors.As(err, &e) || e.Code != want {
					t.Fatalf("error %v, want code %s", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			near := cmp.Comparer(func(a, b float64) bool {
				return math.Abs(a-b) <= c.Tolerance.Abs+c.Tolerance.Rel*math.Abs(b)
			})
			if diff := cmp.Diff(got, &c.Expected, near); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// run returns the outputs that are expected and no others.
func (c *referenceCase) run(t *testing.T) (*expected, error) {
	ctx, got := context.Background(), &expected{}
	centers := matrix(c.Inputs.Centers)
	switch c.Op {
	case "gradient":
		var x []float64
		if err := json.Unmarshal(c.Inputs.X, &x); err != nil {
			t.Fatal(err)
		}
		value, index, gradient, err := kmeans.Gradient(x, centers)
		if err != nil {
			return nil, err
		}
		got.Value, got.Index, got.Grad = &value, &index, rowsOf(gradient)
	case "objective":
		a, err := kmeans.Assign(ctx, c.points(t), centers)
		if err != nil {
			return nil, err
		}
		got.Labels, got.Inertia = a.Labels, &a.Inertia
	case "online":
		return c.online(ctx, t, centers)
	case "minibatch":
		o, err := kmeans.NewOnline(centers, kmeans.InverseCount())
		if err != nil {
			return nil, err
		}
		copy(o.Counts, c.Inputs.InitialCounts)
		for _, batch := range c.Inputs.Batches {
			if err := o.LearnBatch(ctx, kmeans.Rows(c.points(t), batch), nil); err != nil {
				return nil, err
			}
		}
		got.Centers, got.Counts = rowsOf(o.Centers), o.Counts
	case "lloyd":
		r, err := kmeans.Lloyd(ctx, c.points(t), centers, kmeans.Config{MaxUpdates: c.Inputs.MaxIter, Trajectory: true})
		if err != nil {
			return nil, err
		}
		got.Centers, got.Labels, got.Inertia, got.InertiaTrajectory, got.Updates = rowsOf(r.Centers), r.Labels, &r.Inertia, r.Trajectory, &r.Updates
	case "kmeanspp":
		indices, _, err := kmeans.PlusPlus(ctx, c.points(t), c.Inputs.Uniforms)
		got.Indices = indices
		return got, err
	case "optimum":
		inertia, labels, err := kmeans.Optimum(ctx, c.points(t), c.Inputs.K)
		got.Inertia, got.Labels = &inertia, labels
		return got, err
	default:
		t.Fatalf("operation %s", c.Op)
	}
	return got, nil
}

func (c *referenceCase) online(ctx context.Context, t *testing.T, centers *tensor.Tensor[float64]) (*expected, error) {
	s := c.Inputs.Schedule
	rate := map[string]kmeans.Rate{
		"constant": kmeans.ConstantRate(s.Alpha), "inverse_count": kmeans.InverseCount(), "power": kmeans.Power(s.Alpha0, s.T0, s.P),
	}[s.Kind]
	o, err := kmeans.NewTracker(centers, rate)
	if err != nil {
		return nil, err
	}
	copy(o.Counts, c.Inputs.InitialCounts)
	points, got := c.points(t), &expected{}
	for range c.Inputs.Epochs {
		labels := make([]int, points.Shape[0])
		if err := o.Learn(ctx, points, labels); err != nil {
			return nil, err
		}
		got.Labels = append(got.Labels, labels...)
	}
	got.Centers, got.Counts = rowsOf(o.Centers), o.Counts
	return got, nil
}
