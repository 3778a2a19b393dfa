// Command serve answers POST /predict with the class of an example, corrected
// for the class frequencies that the requests so far have shown. Run it with a
// model, then try curl -d '[0, 0.5, …]' localhost:8080/predict
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/shift"
	"github.com/gradus-ml/gradus/tensor"
)

// server remembers about 200 requests, and rings by chance once in 10,000.
func server(path string) (http.HandlerFunc, error) {
	model, err := modelfile.Load(path)
	if err != nil {
		return nil, err
	}
	predictor, err := model.NewPredictor()
	if err != nil {
		return nil, err
	}
	tracker, err := shift.NewTracker(model.Priors, 1./200, 10000)
	var one sync.Mutex // predictor and tracker take one request at a time
	return func(w http.ResponseWriter, r *http.Request) {
		var x []float32
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<24)).Decode(&x)
		if err != nil || len(x) != tensor.Size(model.Input) {
			http.Error(w, "want a JSON list of the numbers that the model takes", http.StatusBadRequest)
			return
		}
		one.Lock()
		defer one.Unlock()
		z, _ := predictor.Logits(tensor.From(x, append([]int{1}, model.Input...)...)) // whose shape is right
		p := losses.Logits{Table: losses.Table{Classes: z.Shape[1], Data: tensor.Convert[float64](z).Data}}.Probs()
		if p.Data, err = tracker.Observe(p.Data); err == nil {
			err = json.NewEncoder(w).Encode(map[string]any{"class": model.Classes[p.Argmax()[0]],
				"probabilities": p.Data, "frequencies": tracker.Prior(), "alarm": tracker.Alarm()})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}, err
}

func main() {
	predict, err := server(append(os.Args[1:], "gradus-model")[0])
	if err == nil {
		http.Handle("POST /predict", predict)
		err = http.ListenAndServe("localhost:8080", nil)
	}
	log.Fatal(err)
}
