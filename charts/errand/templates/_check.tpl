{{/* What a schema cannot say: a sentence for each thing that does not fit together. */}}
{{- define "errand.check" -}}
{{- $wrong := list -}}
{{- $names := include "errand.secretNames" . | fromJsonArray -}}
{{- if not .Values.url }}{{ $wrong = append $wrong "url is missing: where people and GitLab reach this Errand, as --set url=https://errand.example.com" }}{{ end -}}
{{- if not .Values.gitlab.url }}{{ $wrong = append $wrong "gitlab.url is missing: your GitLab, as --set gitlab.url=https://gitlab.example.com" }}{{ end -}}
{{- if not .Values.image.repository }}{{ $wrong = append $wrong "image.repository is missing: where the image of the service is, as registry.example.com/errand" }}{{ end -}}
{{- if not .Values.runs.image.repository }}{{ $wrong = append $wrong "runs.image.repository is missing: where the image is that agents run in, as registry.example.com/errand-runtime" }}{{ end -}}
{{- range list "GITLAB_TOKEN" "WEBHOOK_SECRETS" -}}
{{- if not (has . $names) }}{{ $wrong = append $wrong (printf "%s is missing: give it in secrets.values, or in a Secret of yours that secrets.existing names, with the key in secrets.keys" .) }}{{ end -}}
{{- end -}}
{{- if and .Values.secrets.keys (not .Values.secrets.existing) }}{{ $wrong = append $wrong "secrets.keys is given without secrets.existing: name the Secret that has them" }}{{ end -}}
{{- if and .Values.secrets.existing (not .Values.secrets.keys) }}{{ $wrong = append $wrong "secrets.existing is given without secrets.keys: say which keys it has, as {GITLAB_TOKEN,WEBHOOK_SECRETS}" }}{{ end -}}
{{- range .Values.secrets.keys -}}
{{- if hasKey $.Values.secrets.values . }}{{ $wrong = append $wrong (printf "%s stands in secrets.keys and in secrets.values: take one of them out" .) }}{{ end -}}
{{- end -}}
{{- if and .Values.redis.external (has "REDIS_URL" (concat .Values.secrets.keys (keys .Values.secrets.values))) }}{{ $wrong = append $wrong "redis.external and the secret REDIS_URL are both given: take one of them out" }}{{ end -}}
{{- $login := .Values.config.login | default dict -}}
{{- $loopback := regexMatch "^(127\\.|::1$|localhost$)" .Values.listenHost -}}
{{- if not (or $loopback .Values.login.clientId (and (get $login "actAs") (get $login "open"))) }}{{ $wrong = append $wrong "login.clientId is missing: nobody could log in; make an OAuth application in GitLab, and give its secret as OAUTH_CLIENT_SECRET" }}{{ end -}}
{{- if and .Values.login.clientId (not (has "OAUTH_CLIENT_SECRET" $names)) }}{{ $wrong = append $wrong "OAUTH_CLIENT_SECRET is missing: login.clientId is given, and its secret is not among the secrets" }}{{ end -}}
{{- if eq (include "errand.runsNamespace" .) .Release.Namespace }}{{ $wrong = append $wrong "runs.namespace is the namespace of Errand itself: runs need one of their own, apart from our secrets" }}{{ end -}}
{{- with include "errand.lostNamespace" . }}{{ $wrong = append $wrong (printf "helm would now delete the namespace %s, which this release made, with every run in it: keep it with `kubectl annotate namespace %s helm.sh/resource-policy=keep`, and upgrade again" . .) }}{{ end -}}
{{- if and .Values.hostNetwork (include "errand.ownRedis" .) }}{{ $wrong = append $wrong "hostNetwork needs a Redis of your own, as redis.external or as REDIS_URL among the secrets: ours lets in our pods only, and on the network of a node nobody can tell them" }}{{ end -}}
{{- if and .Values.runs.network.enabled (not (or (include "errand.doorIsService" .) (include "errand.doorCidr" .) .Values.runs.network.door)) }}{{ $wrong = append $wrong (printf "runs.network.door is missing: door.url names the host %s, and policies know only addresses and pods; say where it is, as [{cidr: 10.1.2.3/32}]" (urlParse .Values.door.url).hostname) }}{{ end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.serveFrom) (not .Values.hostNetwork) (ne .Values.service.type "ClusterIP") }}{{ $wrong = append $wrong (printf "networkPolicy.serveFrom is missing: with service.type=%s calls come from outside of the cluster's pods; say from where, as [{ipBlock: {cidr: 0.0.0.0/0, except: [10.244.0.0/16]}}] with the range of your pods left out" .Values.service.type) }}{{ end -}}
{{- if and (has "REDIS_PASSWORD" (concat .Values.secrets.keys (keys .Values.secrets.values))) (not (include "errand.ownRedis" .)) }}{{ $wrong = append $wrong "REDIS_PASSWORD is of the Redis that comes along, and there is one of your own: take it out; its password stands in REDIS_URL" }}{{ end -}}
{{- if and .Values.hostNetwork (ne .Values.strategy.type "Recreate") }}{{ $wrong = append $wrong "hostNetwork needs strategy.type=Recreate: a new pod cannot have the ports that the old one still holds" }}{{ end -}}
{{- if and .Values.hostNetwork (not .Values.door.url) }}{{ $wrong = append $wrong "hostNetwork needs door.url: where pods reach the door on the node, as http://10.0.0.5:8081" }}{{ end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}{{ $wrong = append $wrong "httpRoute.parentRefs is missing: which gateway leads to us, as {name: gateway, namespace: infra}" }}{{ end -}}
{{- range $name := include "errand.parts" . | splitList " " -}}
{{- $part := index $.Values $name -}}
{{- if and $part.disruptionBudget.enabled (lt (int ($part.autoscaling.enabled | ternary $part.autoscaling.minReplicas $part.replicas)) 2) }}{{ $wrong = append $wrong (printf "%s.disruptionBudget needs two pods or more: set %s.replicas=2" $name $name) }}{{ end -}}
{{- end -}}
{{- if $wrong }}{{ fail (printf "\n\nErrand cannot be installed with these values:\n- %s\n" (join "\n- " $wrong)) }}{{ end -}}
{{- end -}}
