package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt reads a mapped file and believes every number in it: a page that points
// beyond the end, or back to itself, ends the process without a word. So the
// pages are walked first, through ordinary reads that believe nothing.

const (
	pageHeader   = 16
	pageElement  = 16
	metaLength   = 64
	pageBranch   = 0x01
	pageLeaf     = 0x02
	pageFreelist = 0x10
	leafBucket   = 0x01
	bucketHeader = 16
	noFreelist   = ^uint64(0)
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
)

// pages is a file as the newer valid one of its two headers describes it.
type pages struct {
	file     io.ReaderAt
	pageSize int64
	root     uint64
	freelist uint64
	end      uint64 // first page number never used
	txid     uint64
	used     map[uint64]bool
}

// preflight refuses a file that bbolt could not survive. A file that another
// process has open is left to bbolt, which waits for the lock.
func preflight(path string, whole bool) error {
	f, err := os.Open(path)
	if err != nil {
		return openProblem(path, err)
	}
	defer func() { _ = f.Close() }()
	if !lockShared(f) {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return openProblem(path, err)
	}
	if info.Size() == 0 {
		return nil
	}
	if err := walk(f, info.Size(), whole); err != nil {
		return damagedProblem(path, err)
	}
	return nil
}

func walk(f io.ReaderAt, size int64, whole bool) error {
	p, err := readMeta(f, size)
	if err != nil {
		return err
	}
	if int64(p.end) > size/p.pageSize {
		return fmt.Errorf("it has %d bytes and should have %d", size, int64(p.end)*p.pageSize)
	}
	if err := p.checkFreelist(); err != nil {
		return err
	}
	if !whole {
		return nil
	}
	return p.visit(p.root)
}

// readMeta finds the header that bbolt will use. The second one stands one page
// behind the first, whose size only a header tells: try all that bbolt tries.
func readMeta(f io.ReaderAt, size int64) (*pages, error) {
	var best *pages
	try := func(at int64) {
		b := make([]byte, metaLength)
		if _, err := f.ReadAt(b, at+pageHeader); err != nil {
			return
		}
		if p := parseMeta(b); p != nil && (best == nil || p.txid > best.txid) {
			best = p
		}
	}
	try(0)
	if best != nil {
		try(best.pageSize)
	} else {
		for at := int64(1024); at <= 1<<24 && at < size; at *= 2 {
			try(at)
		}
	}
	if best == nil {
		return nil, errors.New("neither of its two headers can be read")
	}
	best.file, best.used = f, map[uint64]bool{}
	return best, nil
}

func parseMeta(b []byte) *pages {
	n := binary.NativeEndian
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	pageSize := int64(n.Uint32(b[8:]))
	if n.Uint32(b) != boltMagic || n.Uint32(b[4:]) != boltVersion || n.Uint64(b[56:]) != sum.Sum64() ||
		pageSize < 512 || pageSize > 1<<24 || pageSize&(pageSize-1) != 0 {
		return nil
	}
	return &pages{pageSize: pageSize, root: n.Uint64(b[16:]), freelist: n.Uint64(b[32:]), end: n.Uint64(b[40:]), txid: n.Uint64(b[48:])}
}

// page reads a page with its overflow.
func (p *pages) page(id uint64) (flags, count int, body []byte, err error) {
	if id < 2 || id >= p.end {
		return 0, 0, nil, fmt.Errorf("page %d is out of bounds", id)
	}
	head := make([]byte, pageHeader)
	if _, err := p.file.ReadAt(head, int64(id)*p.pageSize); err != nil {
		return 0, 0, nil, err
	}
	n := binary.NativeEndian
	overflow := uint64(n.Uint32(head[12:]))
	if n.Uint64(head) != id || overflow >= p.end-id {
		return 0, 0, nil, fmt.Errorf("page %d does not know its own number", id)
	}
	for i := id; i <= id+overflow; i++ {
		if p.used[i] {
			return 0, 0, nil, fmt.Errorf("page %d is used twice", i)
		}
		p.used[i] = true
	}
	body = make([]byte, int64(overflow+1)*p.pageSize)
	if _, err := p.file.ReadAt(body, int64(id)*p.pageSize); err != nil {
		return 0, 0, nil, err
	}
	return int(n.Uint16(head[8:])), int(n.Uint16(head[10:])), body, nil
}

func (p *pages) checkFreelist() error {
	if p.freelist == noFreelist {
		return nil
	}
	flags, count, body, err := p.page(p.freelist)
	if err != nil {
		return err
	}
	ids := body[pageHeader:]
	listed := uint64(count)
	if count == 0xFFFF { // more than fit into the header: the first number is the count
		listed = binary.NativeEndian.Uint64(ids)
		ids = ids[8:]
	}
	if flags != pageFreelist || listed > uint64(len(ids)/8) {
		return fmt.Errorf("page %d is not the list of free pages that it should be", p.freelist)
	}
	for i := range listed {
		if id := binary.NativeEndian.Uint64(ids[i*8:]); id < 2 || id >= p.end {
			return fmt.Errorf("the list of free pages names page %d, which is out of bounds", id)
		}
	}
	return nil
}

// visit walks a tree from its page down.
func (p *pages) visit(id uint64) error {
	flags, count, body, err := p.page(id)
	if err != nil {
		return err
	}
	return p.elements(id, flags, count, body)
}

func (p *pages) elements(id uint64, flags, count int, body []byte) error {
	bad := fmt.Errorf("page %d has contents that are not its own", id)
	if flags != pageBranch && flags != pageLeaf || pageHeader+count*pageElement > len(body) || flags == pageBranch && count == 0 {
		return bad
	}
	n := binary.NativeEndian
	for i := range count {
		at := pageHeader + i*pageElement
		e := body[at:]
		if flags == pageBranch { // offset of the key, its length, page
			if uint64(at)+uint64(n.Uint32(e))+uint64(n.Uint32(e[4:])) > uint64(len(body)) {
				return bad
			}
			if err := p.visit(n.Uint64(e[8:])); err != nil {
				return err
			}
			continue
		}
		// flags, offset of the key, its length, the value's length
		from := uint64(at) + uint64(n.Uint32(e[4:])) + uint64(n.Uint32(e[8:]))
		length := uint64(n.Uint32(e[12:]))
		if from+length > uint64(len(body)) {
			return bad
		}
		if n.Uint32(e)&leafBucket == 0 {
			continue
		}
		if err := p.bucket(id, body[from:from+length]); err != nil {
			return err
		}
	}
	return nil
}

// bucket walks a bucket from its value: the page it begins at, or, for a small one, the page itself.
func (p *pages) bucket(id uint64, value []byte) error {
	if len(value) < bucketHeader {
		return fmt.Errorf("page %d has a bucket without a beginning", id)
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return p.visit(root)
	}
	inline := value[bucketHeader:]
	if len(inline) < pageHeader {
		return fmt.Errorf("page %d has a bucket without a beginning", id)
	}
	n := binary.NativeEndian
	return p.elements(id, int(n.Uint16(inline[8:])), int(n.Uint16(inline[10:])), inline)
}
