{{/* Which range of addresses lies in which: NetworkPolicies say "all but these" only with ranges that lie within. IPv4. */}}

{{/* 2 to the power of. */}}
{{- define "errand.power" -}}
{{- $power := 1 -}}
{{- range until (int .) }}{{ $power = mul $power 2 }}{{ end -}}
{{- $power -}}
{{- end -}}

{{/* 10.1.2.3 as a number. */}}
{{- define "errand.ipNumber" -}}
{{- $number := 0 -}}
{{- range splitList "." . }}{{ $number = add (mul $number 256) (atoi .) }}{{ end -}}
{{- $number -}}
{{- end -}}

{{/* "true" where the second range lies within the first, or is the same. */}}
{{- define "errand.within" -}}
{{- $outer := splitList "/" (index . 0) -}}
{{- $inner := splitList "/" (index . 1) -}}
{{- if le (atoi (index $outer 1)) (atoi (index $inner 1)) -}}
{{- $size := include "errand.power" (sub 32 (atoi (index $outer 1))) | int64 -}}
{{- $left := div (include "errand.ipNumber" (index $outer 0) | int64) $size -}}
{{- $right := div (include "errand.ipNumber" (index $inner 0) | int64) $size -}}
{{- if eq $left $right }}true{{ end -}}
{{- end -}}
{{- end -}}

{{/* The ranges that runs never reach, as a JSON list: the operator's, and the API server's addresses, told and found. */}}
{{- define "errand.never" -}}
{{- $api := .Values.runs.network.apiServer -}}
{{- if .Values.runs.network.findApiServer -}}
{{- with lookup "v1" "Service" "default" "kubernetes" }}{{ $api = append $api .spec.clusterIP }}{{ end -}}
{{- with lookup "v1" "Endpoints" "default" "kubernetes" -}}
{{- range .subsets }}{{ range .addresses }}{{ $api = append $api .ip }}{{ end }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $never := .Values.runs.network.never -}}
{{- range $api }}{{ $never = append $never (contains "/" . | ternary . (printf "%s/%s" . (contains ":" . | ternary "128" "32"))) }}{{ end -}}
{{- $never | uniq | toJson -}}
{{- end -}}

{{/* What is nowhere on the internet: private networks, those of providers and clusters, and what is local to a link. As a JSON list. */}}
{{- define "errand.private" -}}
{{- list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" "100.64.0.0/10" "169.254.0.0/16" "fc00::/7" "fe80::/10" | toJson -}}
{{- end -}}

{{/* What has to be left out of a range that the operator lists; a list of the range and of what runs never reach. Fails where nothing would be left. */}}
{{- define "errand.except" -}}
{{- $cidr := index . 0 -}}
{{- $except := list -}}
{{- $isSix := contains ":" $cidr -}}
{{- if and $isSix (ne $cidr "::/0") (lt (splitList "/" $cidr | last | atoi) 64) -}}
{{- fail (printf "\n\nruns.network.allow: %s: an IPv6 range is ::/0, or /64 and smaller, so that what runs must never reach can be left out of it." $cidr) -}}
{{- end -}}
{{- range index . 1 -}}
{{- if ne $isSix (contains ":" .) -}}
{{- else if eq $cidr "::/0" }}{{ $except = append $except . -}}
{{- else if $isSix -}}
{{- if hasPrefix (splitList "::" . | first) $cidr -}}
{{- fail (printf "\n\nruns.network.allow: %s is, or holds, what runs must never reach (%s): take it out." $cidr .) -}}
{{- end -}}
{{- else if include "errand.within" (list . $cidr) -}}
{{- fail (printf "\n\nruns.network.allow: %s is what runs must never reach (%s): take it out." $cidr .) -}}
{{- else if include "errand.within" (list $cidr .) }}{{ $except = append $except . -}}
{{- end -}}
{{- end -}}
{{- $except | toJson -}}
{{- end -}}
