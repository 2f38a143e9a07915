# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kalshi_bot_global_optspecs
    string join \n v/verbose h/help V/version
end

function __fish_kalshi_bot_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kalshi_bot_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kalshi_bot_using_subcommand
    set -l cmd (__fish_kalshi_bot_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -s V -l version -d 'Print version'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "paper" -d 'Trade generated or recorded markets with paper money'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "run" -d 'Trade on the exchange: the demo exchange unless told otherwise'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "status" -d 'Show how the running bot stands: trading state, positions, orders, money, feed and latency'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "why" -d 'Show why the running bot trades, and why it does not'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "halt" -d 'Open no positions until resumed'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "resume" -d 'Clear the halts that only a person may clear'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "reconcile" -d 'Compare what is kept of a live account with the exchange, to the micro-dollar'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "journal" -d 'Check or show the journal: what a live run was about to do, and what came of it'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "markets" -d 'Look at markets: which the bot would enter, and why not the others'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "orders" -d 'List or cancel orders'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "cancel-all" -d 'Cancel resting orders: all of the account\'s, or those of some markets, and check that they are gone'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "positions" -d 'List what the account holds, at the prices it could be sold for now'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "balance" -d 'Show the account\'s cash, shard by shard, and what its positions are worth'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "fills" -d 'List the account\'s fills, newest first'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "flatten" -d 'Sell every position at once, and check that nothing is left'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "migrate" -d 'Bring the stores to the tables that this program needs, or show where they stand'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "report" -d 'Tell what trading came to, from what the store keeps'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "keygen-check" -d 'Check the private key and whether the exchange takes it, or make a new one'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "alerts" -d 'Try whether alerts arrive by e-mail'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "sim" -d 'Serve a simulated exchange on this machine'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "soak" -d 'Live simulated days in which everything goes wrong, and see whether everything holds that must'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "config" -d 'Check or show the configuration'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l seed -d 'Seed of the generated markets: the same seed gives the same markets, orders and report [default: paper.seed of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l markets -d 'How many markets are generated [default: paper.markets of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l speed -d 'Simulated seconds per second, or `max` for as fast as it goes [default: paper.speed of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l for -d 'End after this much simulated time, such as 90s, 30m or 6h [default: paper.hours of the configuration; recordings run to their end]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l replay -d 'Replay these recordings instead of generating markets: files, or folders of them' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l feed -d 'Trade the live markets of an exchange instead, with paper money: `demo`, `production`, or the URL of one. It needs a key, because the exchange streams to nobody without; no order is ever sent' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l capital -d 'Paper capital at the start, in dollars [default: paper.capital of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l state-dir -d 'Where the run\'s trades are kept [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l output -d 'The report\'s form. With `json` nothing but one document goes to standard output' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l for -d 'End after this much time, such as 90s, 30m or 6h [default: when it is stopped]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l state-dir -d 'Where trades, halts and the control socket are kept [default: state.dir of the configuration, or the system\'s folder for such things]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l output -d 'The report\'s form. With `json` nothing but one document goes to standard output' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -l yes -d 'Trade on the production exchange without asking'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand status" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand status" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand status" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand status" -l output -d 'The form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand status" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand why" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand why" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand why" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand why" -l output -d 'The form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand why" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand halt" -l note -d 'Why, to be shown with the halt' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand halt" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand halt" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand halt" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand halt" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand halt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l live -d 'Clear the halts of live trading, where the folder keeps paper trading too'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l paper -d 'Clear the halts of paper trading, where the folder keeps live trading too'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l output -d 'The form of the differences' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l accept -d 'Take the exchange\'s cash and positions as they are; what isn\'t the bot\'s is left to its owner from then on. Only while no bot runs, and no order of its rests'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand reconcile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and not __fish_seen_subcommand_from verify show help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and not __fish_seen_subcommand_from verify show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and not __fish_seen_subcommand_from verify show help" -f -a "verify" -d 'Check every line, and whether what they say can all be true'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and not __fish_seen_subcommand_from verify show help" -f -a "show" -d 'List entries, oldest first'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and not __fish_seen_subcommand_from verify show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from verify" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from verify" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from verify" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from verify" -l output -d 'The form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l from -d 'Entries from this time on, such as 2026-11-24T14:00:00Z' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l to -d 'Entries up to this time' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l last -d 'At most so many of the latest that fit [default: 50 without --from, --to and --order]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l order -d 'Entries about this order: the bot\'s name for it or the exchange\'s' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l market -d 'Entries about this market' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -l output -d 'The list\'s form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check every line, and whether what they say can all be true'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from help" -f -a "show" -d 'List entries, oldest first'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand journal; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and not __fish_seen_subcommand_from scan show help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and not __fish_seen_subcommand_from scan show help" -s h -l help -d 'Print help'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and not __fish_seen_subcommand_from scan show help" -f -a "scan" -d 'Judge every market of the exchange as the bot would, and say why not'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and not __fish_seen_subcommand_from scan show help" -f -a "show" -d 'Show one market: description, book, last trades, and what the strategy says of it'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and not __fish_seen_subcommand_from scan show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l series -d 'Only markets of this series' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l event -d 'Only markets of this event' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l category -d 'Let markets of this category through instead of `markets.categories`; may be given again' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l status -d 'Which markets are listed' -r -f -a "unopened\t'Not trading yet'
open\t'Trading'
paused\t'Paused by the exchange'
closed\t'Past their close'
settled\t'Paid out'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l min-volume -d 'Least contracts traded [default: `markets.min_volume` of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l min-liquidity -d 'Least dollars resting near the touch [default: `markets.min_liquidity` of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l max-spread -d 'Widest spread in dollars [default: `markets.max_spread` of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l within -d 'Most hours to the close [default: `markets.time_to_event.max_hours` of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l limit -d 'Show at most so many markets [default: 100 in a table, all in JSON and CSV]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l output -d 'The list\'s form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l all -d 'Show the markets that are refused as well, those that came furthest first'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l depth -d 'How many levels of each side are shown; programs get all' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l trades -d 'How many of the last trades are shown' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l output -d 'The form; csv has the book\'s levels' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from help" -f -a "scan" -d 'Judge every market of the exchange as the bot would, and say why not'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one market: description, book, last trades, and what the strategy says of it'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand markets; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and not __fish_seen_subcommand_from list cancel help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and not __fish_seen_subcommand_from list cancel help" -s h -l help -d 'Print help'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and not __fish_seen_subcommand_from list cancel help" -f -a "list" -d 'List the account\'s orders, newest first, and how many contracts stand before those that rest'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and not __fish_seen_subcommand_from list cancel help" -f -a "cancel" -d 'Cancel orders by their ids, and check that they are gone'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and not __fish_seen_subcommand_from list cancel help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l status -d 'Where they stand' -r -f -a "resting\t'On the book'
canceled\t'Taken off with something unfilled'
executed\t'Filled'
all\t'Any of these'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l ticker -d 'Only orders in this market' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l limit -d 'At most so many, newest first' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l output -d 'The list\'s form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l output -d 'The form of what was done' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l dry-run -d 'Show what would be done, and do nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l yes -d 'Don\'t ask, even on the production exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the account\'s orders, newest first, and how many contracts stand before those that rest'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "cancel" -d 'Cancel orders by their ids, and check that they are gone'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand orders; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l ticker -d 'Only orders in this market; may be given again' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l series -d 'Only orders in markets of this series' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l output -d 'The form of what was done' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l mine -d 'Only orders that this bot placed, told by their client order ids'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l dry-run -d 'Show what would be done, and do nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l yes -d 'Don\'t ask, even on the production exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand cancel-all" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l limit -d 'At most so many' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l output -d 'The list\'s form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l settled -d 'Show what markets paid out instead of what is held'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand positions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -l output -d 'The form; csv has the shards' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand balance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l since -d 'Only fills since then: a span of time before now, such as 24h, or a time such as 2026-11-22T15:00:00Z' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l ticker -d 'Only fills in this market' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l limit -d 'At most so many, newest first' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l output -d 'The list\'s form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand fills" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l ticker -d 'Only the position in this market; may be given again' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l slippage -d 'How far below the best bid a sale may go, in dollars a contract' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l output -d 'The form of what was done' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
csv\t'For spreadsheets: a header and a line for each row'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l dry-run -d 'Show what would be done, and do nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l yes -d 'Don\'t ask, even on the production exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand flatten" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l after -d 'With --print: leave out the migrations up to this version, which the database has' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l store -d 'Which store' -r -f -a "all\t'The local one, and the second one where it is configured'
local\t'The one in the state folder'
supabase\t'The second one, which has to be configured'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration, or the system\'s folder for such things]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l status -d 'Show where each migration stands, and change nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l dry-run -d 'Apply what is missing and take it back, to see whether it can be applied'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -l print -d 'Print the second store\'s migrations as one script of SQL, and connect to nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and not __fish_seen_subcommand_from daily help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and not __fish_seen_subcommand_from daily help" -s h -l help -d 'Print help'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and not __fish_seen_subcommand_from daily help" -f -a "daily" -d 'Tell what a day, or several, came to: by default the day that ended last'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and not __fish_seen_subcommand_from daily help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l day -d 'The day: a date such as 2026-11-23, `today`, or `yesterday` [default: yesterday, so that a job shortly after midnight tells of the day that ended]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l from -d 'The first of several days' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l to -d 'The last of them [default: yesterday]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l zone -d 'Whose days: a name of the time zone database' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l account -d 'Tell of this account alone: a live account, such as `demo-3f9a0c1b2d4e`, or the id of a paper run' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l store -d 'Where to read' -r -f -a "local\t'The database in the state folder'
supabase\t'The second store'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l output -d 'The report\'s form' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'
html\t'A page with charts'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l html -d 'Write the page with charts to this file' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l live -d 'Tell of live trading, where the store keeps paper trading too'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l paper -d 'Tell of paper trading, where the store keeps live trading too'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l email -d 'Mail the report, once for these days, this account and this address'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -l again -d 'Mail it even though it was mailed before'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from daily" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "daily" -d 'Tell what a day, or several, came to: by default the day that ended last'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l key -d 'The private key\'s file [default: the one that the configuration names]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l new -d 'Make a new key instead: the private one goes to this file, which must not exist, the public one is printed' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l kind -d 'Kind of the new key: Ed25519 signs more than ten times faster' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 2,048 bits'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l offline -d 'Look at the key alone; send nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and not __fish_seen_subcommand_from test help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and not __fish_seen_subcommand_from test help" -s h -l help -d 'Print help'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and not __fish_seen_subcommand_from test help" -f -a "test" -d 'Send one test mail, and say of every step on its way how it went'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and not __fish_seen_subcommand_from test help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from test" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from test" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from test" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from help" -f -a "test" -d 'Send one test mail, and say of every step on its way how it went'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand alerts; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l listen -d 'Where to listen; port 0 takes a free one' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l seed -d 'Seed of the generated markets' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l markets -d 'How many markets are generated' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l mix -d 'Which markets are generated' -r -f -a "varied\t'Several series and categories, from quiet to fast'
quarter-hour\t'Fifteen-minute markets alone, all opening at the start'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l replay -d 'Replay these recordings instead of generating markets: files, or folders of them' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l quiet-markets -d 'Markets listed beside those, in which nothing happens' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l speed -d 'Simulated seconds per second' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l cash -d 'The account\'s cash on shard 0, in dollars' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l cash-shard -d 'Cash on another shard, such as 2=500; can be given more than once' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l tier -d 'How much the account may ask' -r -f -a "basic\t''
advanced\t''
expert\t''
premier\t''
paragon\t''
prime\t''
prestige\t''
unlimited\t''"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l settlement-timer -d 'Seconds between a market\'s result and its payout' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l public-key -d 'The account\'s public key in PEM, instead of a key made here' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l key-id -d 'The id of that key' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l key-kind -d 'What kind of key is made' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 2,048 bits'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l state-dir -d 'Where the key is kept and found again [default: a fresh folder that goes with the exchange]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l drop-sockets-every -d 'Break every WebSocket connection each N seconds' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l skip-sequence-every -d 'Leave a sequence number out before every Nth frame' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l delay-ms -d 'Answer every request N milliseconds late' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l lose-order-answer-every -d 'Take every Nth order and break the connection instead of answering' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l server-error-every -d 'Answer every Nth request with 503, without doing anything' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l rate-limit-every -d 'Answer every Nth request with 429, without doing anything' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l clock-skew -d 'Set the exchange\'s wall clock N seconds ahead, or behind if negative' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l duplicate-fills -d 'Send every fill frame twice'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l seeds -d 'The seeds: one, or the first and the last, such as 1..100' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l hours -d 'Simulated hours of each life' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l only -d 'Let nothing go wrong but these faults of the plan, by number' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l threads -d 'Lives that are lived at the same time [default: one a core]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l plan -d 'Show what would go wrong and when, and live nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -l no-shrink -d 'Show failing seeds as they are, without looking for the least that has to go wrong'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand soak" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -s h -l help -d 'Print help'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "check" -d 'Report every fault of the configuration, or say that it is sound'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "show" -d 'Show every value in force and where it was set. Secrets are never shown'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Report every fault of the configuration, or say that it is sound'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every value in force and where it was set. Secrets are never shown'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand completions" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "paper" -d 'Trade generated or recorded markets with paper money'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "run" -d 'Trade on the exchange: the demo exchange unless told otherwise'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "status" -d 'Show how the running bot stands: trading state, positions, orders, money, feed and latency'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "why" -d 'Show why the running bot trades, and why it does not'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "halt" -d 'Open no positions until resumed'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "resume" -d 'Clear the halts that only a person may clear'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "reconcile" -d 'Compare what is kept of a live account with the exchange, to the micro-dollar'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "journal" -d 'Check or show the journal: what a live run was about to do, and what came of it'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "markets" -d 'Look at markets: which the bot would enter, and why not the others'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "orders" -d 'List or cancel orders'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "cancel-all" -d 'Cancel resting orders: all of the account\'s, or those of some markets, and check that they are gone'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "positions" -d 'List what the account holds, at the prices it could be sold for now'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "balance" -d 'Show the account\'s cash, shard by shard, and what its positions are worth'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "fills" -d 'List the account\'s fills, newest first'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "flatten" -d 'Sell every position at once, and check that nothing is left'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "migrate" -d 'Bring the stores to the tables that this program needs, or show where they stand'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "report" -d 'Tell what trading came to, from what the store keeps'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "keygen-check" -d 'Check the private key and whether the exchange takes it, or make a new one'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "alerts" -d 'Try whether alerts arrive by e-mail'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "sim" -d 'Serve a simulated exchange on this machine'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "soak" -d 'Live simulated days in which everything goes wrong, and see whether everything holds that must'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "config" -d 'Check or show the configuration'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper run status why halt resume reconcile journal markets orders cancel-all positions balance fills flatten migrate report keygen-check alerts sim soak config completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from journal" -f -a "verify" -d 'Check every line, and whether what they say can all be true'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from journal" -f -a "show" -d 'List entries, oldest first'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from markets" -f -a "scan" -d 'Judge every market of the exchange as the bot would, and say why not'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from markets" -f -a "show" -d 'Show one market: description, book, last trades, and what the strategy says of it'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "list" -d 'List the account\'s orders, newest first, and how many contracts stand before those that rest'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from orders" -f -a "cancel" -d 'Cancel orders by their ids, and check that they are gone'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "daily" -d 'Tell what a day, or several, came to: by default the day that ended last'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from alerts" -f -a "test" -d 'Send one test mail, and say of every step on its way how it went'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Report every fault of the configuration, or say that it is sound'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every value in force and where it was set. Secrets are never shown'
