package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newRootCommand builds the command tree. entered turns true once a command's own code runs: errors before that are
// cobra's about the command line itself.
func newRootCommand(p *program) (root *cobra.Command, entered *bool) {
	entered = new(bool)
	root = &cobra.Command{
		Use:   "sf2xero",
		Short: "Closed-won Salesforce Opportunities become Xero invoices; payment status comes back",
		Long: `sf2xero turns closed-won Salesforce Opportunities into Xero invoices, changed Accounts
into Xero contacts, and brings payment status back to Salesforce.

Exit status: 0 done, 1 failed, 2 wrong usage or configuration.`,
		SilenceErrors: true, // run prints them
		SilenceUsage:  true, // an error is one line; --help is a word away
		Args:          knownCommand,
		PersistentPreRun: func(*cobra.Command, []string) {
			*entered = true
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprint(p.Stderr, cmd.Long, "\n\n", cmd.UsageString(), "\n")
			return usagef("say what to do: a command is missing")
		},
	}
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.AddCommand(
		newDemoCommand(p),
		newEmulateCommand(p),
		newHealthCommand(p),
		newInitCommand(p),
		newPlanCommand(p),
		newRunCommand(p),
		newVersionCommand(p),
	)
	return root, entered
}

func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return usagef("there is no command %q%s; `sf2xero --help` lists them", args[0], didYouMean(args[0], names))
}

// addConfigFlag gives a command that works for one company its --config.
func addConfigFlag(cmd *cobra.Command) {
	cmd.Flags().String("config", defaultConfigFile, "configuration file; without one the SF2XERO_… environment is enough")
}

// config reads the configuration that a command with --config is to work under.
func (p *program) config(cmd *cobra.Command) (*config, error) {
	flag := cmd.Flag("config")
	return loadConfig(p.Env, flag.Value.String(), flag.Changed)
}
