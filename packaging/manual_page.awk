# Makes a manual page that man(1) and whatis(1) understand of what lowdown writes: a NAME section first, titles on the line
# of their macro, and no paragraph macro right after a title.
#   awk -v name=usher.yaml -v about="configuration of usher" -f manual_page.awk
/^\.TH/ { print; print ".SH NAME"; gsub("-", "\\-", name); print name " \\- " about; next }
after_title && /^\.(PP|LP)$/ { after_title = 0; next }
/^\.S[HS]$/ { macro = $0; getline title; gsub(/\\fC/, "\\fB", title); print macro " \"" title "\""; after_title = 1; next }
{ after_title = 0; gsub(/\\fC/, "\\fB"); print }
