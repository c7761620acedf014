package sandbox

import (
	"fmt"
	"reflect"
	"unsafe"
)

// setField sets the field at the end of a path of fields that hold pointers or
// interfaces to structs. T is the field's type.
func setField[T any](v reflect.Value, value T, path ...string) error {
	field, err := fieldAt[T](v, path...)
	if err != nil {
		return err
	}
	*field = value
	return nil
}

// fieldAt returns the field at the end of a path of fields that hold pointers or
// interfaces to structs, exported or not. T is the field's type.
func fieldAt[T any](v reflect.Value, path ...string) (*T, error) {
	owner := v.Type()
	for _, name := range path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || !v.FieldByName(name).IsValid() {
			return nil, fmt.Errorf("the %s of this Kubernetes has no %v: %q is missing", owner, path, name)
		}
		v = v.FieldByName(name)
	}
	if want := reflect.TypeFor[T](); v.Type() != want || !v.CanAddr() {
		return nil, fmt.Errorf("%v of the %s is a %s, not a %s", path, owner, v.Type(), want)
	}
	return (*T)(unsafe.Pointer(v.UnsafeAddr())), nil
}
