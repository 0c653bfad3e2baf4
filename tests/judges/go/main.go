// zlint and Go's crypto/x509 judge the items of a docket, in one process: judges DOCKET.
// tests/judges/docket.rs says what a line of a docket and a line of the answer is.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

func main() {
	file, err := os.Open(os.Args[1])
	must(err)
	rules := registry()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		if field[0] == "object" {
			lintObject(rules, field[1], field[2], field[3])
			answer("go", field[1], object(field[2], field[3], field[4]))
			continue
		}
		at, err := strconv.ParseInt(field[2], 10, 64)
		must(err)
		answer("go", field[1], path(time.Unix(at, 0), field[3], field[4], field[5], field[6]))
	}
	must(lines.Err())
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func say(judge, item, verdict, text string) {
	fmt.Printf("%s\t%s\t%s\t%s\n", judge, item, verdict, strings.Join(strings.Fields(text), " "))
}

func answer(judge, item string, err error) {
	if err != nil {
		say(judge, item, "refused", err.Error())
		return
	}
	say(judge, item, "accepted", "")
}

// read gives the DER of each PEM file of a list.
func read(names string) ([][]byte, error) {
	var found [][]byte
	for _, name := range strings.Split(names, ",") {
		if name == "" {
			continue
		}
		bytes, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(bytes)
		if block == nil {
			return nil, errors.New(name + " is not PEM")
		}
		found = append(found, block.Bytes)
	}
	return found, nil
}

// registry has every rule but those for mail, code signing, extended validation and root programs of vendors.
func registry() lint.Registry {
	exclude := lint.SourceList{
		lint.EtsiEsi, lint.CABFSMIMEBaselineRequirements, lint.CABFCSBaselineRequirements,
		lint.CABFEVGuidelines, lint.AppleRootStorePolicy,
	}
	filtered, err := lint.GlobalRegistry().Filter(lint.FilterOptions{ExcludeSources: exclude})
	must(err)
	configuration, err := lint.NewConfigFromString("[e_crl_next_update_invalid]\nSubscriberCRL = false\n")
	must(err)
	filtered.SetConfiguration(configuration)
	return filtered
}

func lintObject(rules lint.Registry, item, role, name string) {
	der, err := read(name)
	must(err)
	var results *zlint.ResultSet
	if role == "crl" {
		var revocations *zx509.RevocationList
		if revocations, err = zx509.ParseRevocationList(der[0]); err == nil {
			results = zlint.LintRevocationListEx(revocations, rules)
		}
	} else {
		var certificate *zx509.Certificate
		if certificate, err = zx509.ParseCertificate(der[0]); err == nil {
			results = zlint.LintCertificateEx(certificate, rules)
		}
	}
	if err != nil {
		say("zlint", item, "unreadable", err.Error())
		say("zlint", item, "done", "")
		return
	}
	for code, result := range results.Results {
		if result.Status >= lint.Warn {
			say("zlint", item, code, result.Status.String()+" "+result.Details)
		}
	}
	say("zlint", item, "done", "")
}

func certificates(names string) ([]*x509.Certificate, error) {
	files, err := read(names)
	if err != nil {
		return nil, err
	}
	var found []*x509.Certificate
	for _, der := range files {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		found = append(found, certificate)
	}
	return found, nil
}

func revocationLists(names string) ([]*x509.RevocationList, error) {
	files, err := read(names)
	if err != nil {
		return nil, err
	}
	var found []*x509.RevocationList
	for _, der := range files {
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			return nil, err
		}
		found = append(found, list)
	}
	return found, nil
}

func object(role, name, issuer string) error {
	issuers, err := certificates(issuer)
	if err != nil {
		return err
	}
	if role == "crl" {
		lists, err := revocationLists(name)
		if err != nil {
			return err
		}
		return lists[0].CheckSignatureFrom(issuers[0])
	}
	subjects, err := certificates(name)
	if err != nil {
		return err
	}
	return subjects[0].CheckSignatureFrom(issuers[0])
}

// path verifies a chain, and each certificate but the anchor against its issuer's CRL, which Verify does not do. Without
// CRLs it asks for none.
func path(at time.Time, anchor, leaf, above, crls string) error {
	anchors, err := certificates(anchor)
	if err != nil {
		return err
	}
	chain, err := certificates(leaf + "," + above)
	if err != nil {
		return err
	}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, anchor := range anchors {
		roots.AddCert(anchor)
	}
	for _, certificate := range chain[1:] {
		intermediates.AddCert(certificate)
	}
	chains, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil || crls == "" {
		return err
	}
	lists, err := revocationLists(crls)
	if err != nil {
		return err
	}
	for place, certificate := range chains[0][:len(chains[0])-1] {
		if err := notRevoked(certificate, chains[0][place+1], lists, at); err != nil {
			return err
		}
	}
	return nil
}

func notRevoked(certificate, issuer *x509.Certificate, lists []*x509.RevocationList, at time.Time) error {
	for _, list := range lists {
		if list.CheckSignatureFrom(issuer) != nil || at.Before(list.ThisUpdate) || at.After(list.NextUpdate) {
			continue
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(certificate.SerialNumber) == 0 {
				return errors.New("revoked: " + certificate.Subject.String())
			}
		}
		return nil
	}
	return errors.New("no CRL for " + certificate.Subject.String())
}
