package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func newEmulateCommand(p *program) *cobra.Command {
	var salesforce, xero, data, envFile string
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Run both emulators on fixed ports, to try a mapping without either account",
		Long: `Runs a small Salesforce org and a small Xero organisation that behave like the real ones, in memory,
until it is stopped. Each also answers below /_emulator/: GET requests, POST faults, DELETE faults; Salesforce
takes POST hands besides, for what people do there, like {"do":"merge_accounts","master":"001…","losers":["001…"]}.
Xero takes contacts, items, invoices, credit notes with their allocations, and payments.

--data reads CSV files as Data Export, Data Loader and the bulk API write them: the file is the object, the
columns are field API names. Custom fields and objects are added, typed by their values; a column CurrencyIsoCode
makes an org with several currencies; Organization.csv says whose org it is; RecordType.csv names the record types
that a column RecordTypeId has the ids of. All mistakes are told at once, each with its file, line and column.

The first line can say more of a custom field than its values do. Billing__c.csv and Billing_Line__c.csv:

  Id,Name:autonumber,Account__c:Account:Account__r:Billings__r,Status__c:picklist(Draft;Sent),Total__c:SUM(Lines__r.Amount__c)
  a015g0000000001AAA,B-0001,0015g0000000001AAA,Draft,

  Id,Billing__c:Billing__c:Billing__r:Lines__r:master-detail,Amount__c:currency(16.2),Text__c
  a025g0000000001AAA,a015g0000000001AAA,100,Apples

  Field:Object:Parent__r:Children__r  a lookup: the field, the object it points to, the name of the way up, which Salesforce
                                      makes of the field's (Account__r.Name), and of the way down, which may be left out
                                      ((SELECT Id FROM Billings__r)). What it names must be in that object's file.
    …:master-detail                   a detail: shared, locked and deleted with its master, without an owner of its own
  Field:type                          string(80), textarea, richtext, picklist(A;B), multipicklist(A;B), email, phone, url,
                                      boolean, currency(16.2), double(16.2), int, percent(16.2), date, datetime or
                                      autonumber; behind it required, unique, case-sensitive, external, formula
  Field:SUM(Children__r.Field)        a roll-up of details; also MIN, MAX and COUNT(Children__r)

--env-file gets the SF2XERO_… lines that point ` + "`sf2xero run`" + ` at the emulators. Beside it, with .key.pem behind its
name, stands the key of a client that signs in by JWT: set SF2XERO_SALESFORCE_AUTH to jwt to try that.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkDataFolder(data); err != nil {
				return err
			}
			e, err := startEmulators(emulatorOptions{Salesforce: salesforce, Xero: xero, Data: data, Now: p.Now})
			if err != nil {
				return err
			}
			defer e.Close()
			if envFile != "" {
				// The shell's dot looks for a bare name along the PATH.
				if envFile, err = filepath.Abs(envFile); err != nil {
					return err
				}
				if err := e.writeEnvironment(envFile); err != nil {
					return err
				}
			}
			if data != "" {
				tellExport(p.Stdout, data, e.Export)
			}
			fmt.Fprintf(p.Stdout, "Salesforce (org %s) listens on %s\n", e.Org.OrgID(), e.SalesforceURL)
			fmt.Fprintf(p.Stdout, "Xero (tenant %s) listens on %s\n", e.Books.TenantID(), e.XeroURL)
			if envFile != "" {
				fmt.Fprintf(p.Stdout, "Addresses and credentials are in %s (sh: set -a; . %s; set +a)\n", envFile, envFile)
			}
			return e.Wait(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&salesforce, "salesforce", "127.0.0.1:8401", "address for Salesforce; port 0 takes a free one")
	cmd.Flags().StringVar(&xero, "xero", "127.0.0.1:8402", "address for Xero; port 0 takes a free one")
	cmd.Flags().StringVar(&data, "data", "", "folder of CSV files to fill Salesforce with")
	cmd.Flags().StringVar(&envFile, "env-file", "", "file for the SF2XERO_… lines (readable by you alone)")
	return cmd
}

func checkDataFolder(dir string) error {
	if dir == "" {
		return nil
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is a file")
	}
	if err != nil {
		return usagef("--data %s is not a folder that can be read (%v): name the folder with Opportunity.csv and its like", dir, rootCause(err))
	}
	return nil
}

// rootCause is the innermost error: "no such file or directory" without the call and the path around it.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
