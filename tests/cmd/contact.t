#!/bin/bash
# contact.t - pinhole contact: cards in, people out, and what the screen may see of them.
. "$(dirname "$0")/../lib.sh"
need jq

# card LINE...: a vCard on stdout
card() {
	printf 'BEGIN:VCARD\r\nVERSION:3.0\r\n'
	printf '%s\r\n' "$@"
	printf 'END:VCARD\r\n'
}

fails 10 "without a store" pinhole contact list
succeeds "a store" pinhole init --name Ada
succeeds "an empty address book" pinhole contact list
is "$out" "" "has no lines"

# --- import
{
	card 'FN:Anna Berg' 'TEL;TYPE=CELL:06 12 34 56 78' 'EMAIL:anna@example.org'
	card 'FN:Bo' 'TEL:+1 202 555 0143' 'NOTE:met in Oslo'
	card 'FN:Only Name'
} >phone.vcf
succeeds "an import without a region" pinhole contact import phone.vcf
is "$out" "3 added, 0 merged, 0 unchanged, 0 refused" "sums up"
like "$err" '1 number without a country code' "and tells of the number"
succeeds "a second one with a region" pinhole contact import --region FR phone.vcf
is "$out" "0 added, 1 merged, 2 unchanged, 0 refused" "understands it"
succeeds "a third one" pinhole contact import --region fr phone.vcf --json
is "$(json -s 'map(.status) | join(" ")' <<<"$out")" "unchanged unchanged unchanged " \
	"changes nothing and says so"
is "$(tail -n1 <<<"$out")" '{"added":0,"merged":0,"unchanged":3,"refused":0,"failed":0}' \
	"also at the end"
is "$err" "" "and that is all"

{
	card 'FN:A. Berg' 'TEL:+33 6 12 34 56 78' 'EMAIL:berg@example.org'
	card 'KIND:group' 'FN:Everybody'
	card 'ADR:;;Street;;;;'
	printf 'BEGIN:VCARD\nFN:Cut\nTEL:+33612'
} >cloud.vcf
fails 3 "some cards are refused" pinhole contact import --json cloud.vcf
is "$(json -c '[.status, .line, .name, .reason]' <<<"$out")" \
	'["merged",1,"A. Berg",null]
["refused",7,"Everybody","it is a group, not a person"]
["refused",12,"","it has no name, number or address"]
["refused",16,"Cut","it is cut off: END:VCARD is missing"]
[null,null,null,null]' "each with its reason"
is "$err" "pinhole: 3 cards refused" "the error"
fails 3 "the same in words" pinhole contact import cloud.vcf
like "$err" 'cloud.vcf:7: "Everybody" refused: it is a group' "says where"

succeeds "list" pinhole contact list --json
is "$(json -c '[.name, .phones, .emails]' <<<"$out")" \
	'["Anna Berg",["+33612345678"],["anna@example.org","berg@example.org"]]
["Bo",["+12025550143"],[]]
["Only Name",[],[]]' "one person from two files is one contact"
is "$(head -n1 <<<"$out" | json 'keys_unsorted | join(" ")')" "id name phones emails" "exact names"

fails 5 "a file that is not there" pinhole contact import nowhere.vcf
echo hello >hello.txt
fails 1 "a file that is none" pinhole contact import hello.txt
like "$err" 'no BEGIN:VCARD' "says why"
fails 3 "the others are taken" pinhole contact import nowhere.vcf phone.vcf --json
is "$(json -s -c '[.[0].status, .[-1].failed, .[-1].unchanged]' <<<"$out")" '["failed",1,3]' "and told"
fails 2 "a region that is none" pinhole contact import --region XX phone.vcf
succeeds "standard input" pinhole contact import - <phone.vcf
is "$out" "0 added, 0 merged, 3 unchanged, 0 refused" "is a file too"

card 'FN:New' 'TEL:+33 1 42 68 53 00' >new.vcf
succeeds "a dry run" pinhole contact import -n new.vcf
is "$out" "would be: 1 added, 0 merged, 0 unchanged, 0 refused" "tells"
is "$("$PINHOLE" contact list --json | wc -l)" 3 "and adds nobody"

# --- add
succeeds "add" pinhole contact add "Zoë Ångström" --phone "01 42 68 53 00" -p 0033142685301 \
	--email Zoe@Example.org --org Acme --region FR --json
is "$(json -c '[.name, .phones, .emails]' <<<"$out")" \
	'["Zoë Ångström",["+33142685300","+33142685301"],["Zoe@Example.org"]]' "a person"
zoe=$(json .id <<<"$out")
fails 6 "a number that is taken" pinhole contact add Zo --phone +33142685300
like "$err" "is contact ${zoe: -8}'s already \(Zoë Ångström\)" "says whose it is"
fails 6 "an address that is taken" pinhole contact add Zo --email ZOE@example.org
fails 1 "a number that is none" pinhole contact add Zo --phone mother
fails 1 "an address that is none" pinhole contact add Zo --email zo
fails 1 "an empty name" pinhole contact add ""
fails 2 "no name" pinhole contact add
succeeds "a number without a region" pinhole contact add Odd --phone 0142685302
like "$err" 'no country code, and no region is set; kept as written' "is kept with a warning"
succeeds "a dry run of add" pinhole contact add -n Nobody --phone +33142685309
fails 5 "adds nobody" pinhole contact show Nobody
fails 6 "a dry run sees what is taken" pinhole contact add -n Nobody --phone +33142685300
succeeds "the region of the settings" pinhole config set user.region FR
succeeds "counts" pinhole contact show 01.42.68.53.01
like "$out" '^Zoë' "for what a person types"

# --- show
succeeds "show" pinhole contact show zoë
is "$out" "Zoë Ångström  ${zoe: -8}
  organisation  Acme
  phone         +33 1 42 68 53 00
  phone         +33 1 42 68 53 01
  e-mail        Zoe@Example.org" "by a part of the name, in any case"
for who in "$zoe" "${zoe: -8}" +33142685300 zoe@example.org "ZOË ÅNGSTRÖM"; do
	is "$("$PINHOLE" contact show "$who" --json | json .id)" "$zoe" "by $who"
done
succeeds "show of a number as written" pinhole contact show Odd --json
is "$(json -c .numbers <<<"$out")" '[{"raw":"0142685302","e164":null,"label":""}]' "has no E.164"
fails 5 "nobody" pinhole contact show Nobody
fails 6 "several" pinhole contact show n
like "$err" "${zoe: -8} \(Zoë Ångström\)" "are named"

# --- merge
succeeds "merge" pinhole contact merge zoë Odd --json
is "$(json -c '[.id, .names, (.numbers | length), .merged[0].name]' <<<"$out")" \
	"[\"$zoe\",[\"Odd\"],3,\"Odd\"]" "keeps all of both"
succeeds "the other name" pinhole contact show odd
like "$out" '^Zoë Ångström' "finds the whole"
like "$out" 'merged        Odd ' "which shows the trail"
fails 1 "merging with oneself" pinhole contact merge zoë odd
fails 5 "merging with nobody" pinhole contact merge zoë nobody
succeeds "a dry run of merge" pinhole contact merge -n zoë Bo
succeeds "leaves both" pinhole contact show Bo

# --- hostile cards
card $'FN:Evil\e]0;title\a\e[31m' 'TEL:+33 1 42 68 53 99' $'NOTE:a\e[2Jb\\nline' \
	$'ORG:\xe2\x80\xaegro' >evil.vcf
succeeds "a hostile card" pinhole contact import evil.vcf
succeeds "is shown" pinhole contact show Evil
unlike "$out" $'\e|\a|\xe2\x80\xae' "without control characters"
succeeds "listed" pinhole contact list
unlike "$out" $'\e|\a|\xe2\x80\xae' "without them too"
succeeds "and printed as JSON" pinhole contact list --json
unlike "$out" $'\e|\a' "without them too"
card "FN:'; DROP TABLE contact; --" "EMAIL:x' OR 1=1@example.org" >sql.vcf
succeeds "a name that is SQL" pinhole contact import sql.vcf
succeeds "is a name" pinhole contact show "'; DROP TABLE contact; --"
succeeds "a pattern is no wildcard" pinhole contact add "100%_sure"
fails 5 "in a name" pinhole contact show "1%e"

done_testing
