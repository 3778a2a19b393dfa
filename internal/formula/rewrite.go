package formula

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// rewriter turns the notation of the text into what expr runs: x[j] into a
// checked element counted from 1, sum(i, from, to, term) into a loop over a
// range. It refuses everything that is neither arithmetic nor one of these.
type rewriter struct {
	known map[string]any // variables that have values
	err   error
}

// Visit is called on every node after its children.
func (r *rewriter) Visit(node *ast.Node) {
	if r.err != nil {
		return
	}
	switch n := (*node).(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.IdentifierNode, *ast.ConditionalNode, *ast.UnaryNode:
	case *ast.BinaryNode:
		if !allowed(n.Operator) {
			r.refuse(n, "the operator "+n.Operator)
		}
	case *ast.MemberNode:
		if _, name := n.Property.(*ast.StringNode); name {
			r.refuse(n, "a dot: write products with *")
			return
		}
		ast.Patch(node, called("element", n.Node, n.Property))
	case *ast.StringNode: // the name behind a dot, which its MemberNode refuses
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			r.refuse(n, "a call of something that is no function")
			return
		}
		if callee.Value == "sum" {
			r.sum(node, n)
		}
	default:
		r.refuse(n, "this notation")
	}
}

// sum rewrites sum(i, from, to, term).
func (r *rewriter) sum(node *ast.Node, call *ast.CallNode) {
	if len(call.Arguments) != 4 {
		r.refuse(call, fmt.Sprintf("a sum of %d arguments: write sum(i, 1, N, g[i]*x[i])", len(call.Arguments)))
		return
	}
	index, ok := call.Arguments[0].(*ast.IdentifierNode)
	if ok {
		_, taken := r.known[index.Value]
		ok = !taken
	}
	if !ok {
		r.refuse(call, "a sum whose first argument is not a new name: write sum(i, 1, N, g[i]*x[i])")
		return
	}
	over := &ast.BinaryNode{Operator: "..", Left: called("whole", call.Arguments[1]), Right: called("whole", call.Arguments[2])}
	body := &ast.VariableDeclaratorNode{Name: index.Value, Value: &ast.PointerNode{}, Expr: call.Arguments[3]}
	ast.Patch(node, &ast.BuiltinNode{Name: "sum", Arguments: []ast.Node{over, &ast.PredicateNode{Node: body}}})
}

func called(function string, arguments ...ast.Node) *ast.CallNode {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: function}, Arguments: arguments}
}

func (r *rewriter) refuse(n ast.Node, what string) {
	r.err = fmt.Errorf("character %d: a formula cannot have %s", n.Location().From+1, what)
}

func allowed(operator string) bool {
	switch operator {
	case "+", "-", "*", "/", "^", "**", "%", "<", "<=", ">", ">=", "==", "!=", "and", "or", "&&", "||":
		return true
	}
	return false
}
