//go:build linux && amd64

package bench_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"

	"github.com/gradus-ml/gradus/bench"
	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

// instructions is what one repetition of some work executed when it was last
// looked into, with AVX2 on one core. That is the same on any machine, whatever
// else that does; seconds are not.
var instructions = []struct {
	work    string
	want    int
	prepare func() (repetition func(), err error)
}{
	{"mlp_small_step", 140_000, workload("mlp_small_step")},
	{"predict_b1", 170_500, workload("predict_b1")},
	{"online k-means", 186_000, func() (func(), error) {
		points := tensor.New[float32](64, 100)
		tensor.Normal(points, rand.New(rand.NewPCG(1, 1)), 0, 1)
		o, err := kmeans.NewOnline(points.Rows(0, 10), kmeans.InverseCount())
		return func() { o.Learn(context.Background(), points, nil) }, err
	}},
}

func workload(name string) func() (func(), error) {
	return func() (func(), error) { return bench.Workloads(name)[0].Prepare(bench.Environment{}) }
}

// counted names the work that a child process is to run.
const counted = "GRADUS_TEST_COUNTED"

// marker is the signal that the child sends itself before and after.
const marker = syscall.SIGUSR2

// The instructions of small workloads are those that they were, to a tenth. Work
// that now needs fewer is worth a new figure.
func TestInstructions(t *testing.T) {
	if name := os.Getenv(counted); name != "" {
		for _, c := range instructions {
			if c.work == name {
				runMarked(t, c.prepare)
			}
		}
		return
	}
	switch {
	case testing.Short():
		t.Skip("steps through a few million instructions: not with -short")
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		t.Skip("the figures are those of AVX2, which this processor lacks")
	}
	for _, c := range instructions {
		t.Run(c.work, func(t *testing.T) {
			got, ok := 0, false
			for tries := 0; !ok; tries++ {
				if tries == 5 {
					t.Fatal("the child stood still time after time")
				}
				got, ok = countInstructions(t, c.work)
			}
			t.Logf("%d instructions", got)
			if got > c.want+c.want/10 || got < c.want-c.want/10 {
				t.Errorf("%d instructions: want %d to a tenth", got, c.want)
			}
		})
	}
}

// runMarked runs one repetition between two signals.
func runMarked(t *testing.T, prepare func() (func(), error)) {
	runtime.LockOSThread()
	repetition, err := prepare()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		repetition()
	}
	mark := func() { syscall.Tgkill(os.Getpid(), syscall.Gettid(), marker) }
	mark()
	repetition()
	mark()
}

// onOneProcessor keeps the thread, and the child that it starts, on the processor
// it is on: to hand over there takes a fraction of what waking another does.
func onOneProcessor(t *testing.T) (undo func()) {
	var all, one unix.CPUSet
	err := unix.SchedGetaffinity(0, &all)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; one.Count() == 0; i++ {
		if all.IsSet(i) {
			one.Set(i)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	return func() { unix.SchedSetaffinity(0, &all) }
}

// countInstructions runs this test again as a child, and once that has sent the
// marker holds all of its threads but the one that did, which it takes from one
// instruction to the next until the marker comes again. It returns false if the
// child stands still: where the runtime had just told that thread to make room
// for another, it waits for one that is held.
func countInstructions(t *testing.T, work string) (n int, ok bool) {
	runtime.LockOSThread() // a tracer is a thread
	defer runtime.UnlockOSThread()
	defer onOneProcessor(t)()
	child := exec.Command(os.Args[0], "-test.run=^TestInstructions$")
	child.Env = append(os.Environ(), counted+"="+work, "GRADUS_SIMD=avx2", "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	child.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Setpgid: true}
	if err := child.Start(); err != nil {
		t.Skipf("this system lets no process be traced: %v", err)
	}
	pid := child.Process.Pid
	const patience = 20 * time.Second
	still := time.AfterFunc(patience, func() { syscall.Kill(pid, syscall.SIGKILL) })
	defer still.Stop()
	defer child.Process.Kill()

	killed := false
	wait := func(thread int) (int, syscall.WaitStatus) {
		var status syscall.WaitStatus
		stopped, err := syscall.Wait4(thread, &status, syscall.WALL, nil)
		if killed = status.Signaled(); err != nil || !status.Stopped() && !killed {
			t.Fatalf("waiting for the child: %v, status %#x", err, status)
		}
		return stopped, status
	}
	wait(pid)
	const exitKill = 0x100000 // PTRACE_O_EXITKILL
	if err := syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACECLONE|exitKill); err != nil {
		t.Skipf("this system lets no threads be traced: %v", err)
	}
	threads := map[int]bool{pid: true}
	at, signal := pid, syscall.Signal(0)
	for signal != marker {
		if err := syscall.PtraceCont(at, 0); err != nil {
			t.Fatalf("going on: %v", err)
		}
		var status syscall.WaitStatus
		if at, status = wait(-pid); killed {
			return 0, false
		}
		threads[at], signal = true, status.StopSignal()
	}
	for thread := range threads {
		// In the kernel, where none holds a lock of the runtime.
		for inKernel := thread == at; !inKernel; {
			syscall.Tgkill(pid, thread, syscall.SIGSTOP)
			if wait(thread); killed {
				return 0, false
			}
			var registers syscall.PtraceRegs
			if err := syscall.PtraceGetRegs(thread, &registers); err != nil {
				t.Fatal(err)
			}
			if inKernel = int64(registers.Orig_rax) >= 0; !inKernel {
				syscall.PtraceCont(thread, 0)
				time.Sleep(time.Millisecond)
			}
		}
	}
	for ; ; n++ {
		if n%1000 == 0 {
			still.Reset(patience)
		}
		if err := syscall.PtraceSingleStep(at); err == syscall.ESRCH {
			return n, false
		} else if err != nil {
			t.Fatalf("after %d instructions: %v", n, err)
		}
		stopped, status := wait(-pid)  // of any thread: should the child be killed, the others tell of it
		for stopped != at && !killed { // one that has only just begun, and stays so
			stopped, status = wait(-pid)
		}
		if killed {
			return n, false
		}
		if status.StopSignal() == marker {
			return n, true
		}
	}
}
