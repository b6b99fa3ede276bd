{{/*
Which volumes a run may have, in CEL: `v` is the volume. A list of the root and where the name of its Job is. The API server allows one
kind in each, and fills in what is not said: so what names something is compared, and not the whole.
*/}}
{{- define "errand.mayMount" -}}
{{- $root := index . 0 -}}
{{- $config := include "errand.config" (list $root (include "errand.parts" $root | splitList " " | first)) | fromYaml -}}
{{- $may := list "has(v.emptyDir)" (printf "(has(v.secret) && v.secret.secretName == %s)" (index . 1)) -}}
{{- range dig "kubernetes" "volumes" list $config -}}
{{- range $kind, $source := .source -}}
{{- $is := printf "has(v.%s)" $kind -}}
{{- if eq $kind "secret" }}{{ $may = append $may (printf "(%s && v.secret.secretName == %s)" $is ($source.secretName | toRawJson)) -}}
{{- else if eq $kind "configMap" }}{{ $may = append $may (printf "(%s && v.configMap.name == %s)" $is ($source.name | toRawJson)) -}}
{{- else if eq $kind "persistentVolumeClaim" }}{{ $may = append $may (printf "(%s && v.persistentVolumeClaim.claimName == %s)" $is ($source.claimName | toRawJson)) -}}
{{- else if eq $kind "csi" }}{{ $may = append $may (printf "(%s && %s)" $is (include "errand.sameDriver" $source)) -}}
{{- else if eq $kind "projected" }}{{ $may = append $may (printf "(%s && v.projected.sources.all(s, %s))" $is (include "errand.mayProject" $source)) -}}
{{- else if eq $kind "ephemeral" }}{{ $may = append $may (printf "(%s && %s)" $is (include "errand.sameOrigin" $source)) -}}
{{- else }}{{ $may = append $may $is -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $may | join " || " -}}
{{- end -}}

{{- define "errand.sameDriver" -}}
{{- $same := list (printf "v.csi.driver == %s" (.driver | toRawJson)) -}}
{{- $same = append $same (empty .volumeAttributes | ternary "!has(v.csi.volumeAttributes)" (printf "has(v.csi.volumeAttributes) && v.csi.volumeAttributes == %s" (.volumeAttributes | toRawJson))) -}}
{{- $same = append $same (empty .nodePublishSecretRef | ternary "!has(v.csi.nodePublishSecretRef)" (printf "has(v.csi.nodePublishSecretRef) && v.csi.nodePublishSecretRef.name == %s" (dig "nodePublishSecretRef" "name" "" . | toRawJson))) -}}
{{- join " && " $same -}}
{{- end -}}

{{/* The sources of one projected volume: `s` is one of them. A token of the service account only for an audience that is named, never the API server's. */}}
{{- define "errand.mayProject" -}}
{{- $may := list -}}
{{- range .sources -}}
{{- with .secret }}{{ $may = append $may (printf "(has(s.secret) && s.secret.name == %s)" (.name | toRawJson)) }}{{ end -}}
{{- with .configMap }}{{ $may = append $may (printf "(has(s.configMap) && s.configMap.name == %s)" (.name | toRawJson)) }}{{ end -}}
{{- if hasKey . "downwardAPI" }}{{ $may = append $may "has(s.downwardAPI)" }}{{ end -}}
{{- if hasKey . "clusterTrustBundle" }}{{ $may = append $may "has(s.clusterTrustBundle)" }}{{ end -}}
{{- with dig "serviceAccountToken" "audience" "" . }}{{ $may = append $may (printf "(has(s.serviceAccountToken) && has(s.serviceAccountToken.audience) && s.serviceAccountToken.audience == %s)" (toRawJson .)) }}{{ end -}}
{{- end -}}
{{- $may | uniq | join " || " | default "false" -}}
{{- end -}}

{{/* A volume made for the run is made of nothing, or of what the configuration says. */}}
{{- define "errand.sameOrigin" -}}
{{- $claim := "v.ephemeral.volumeClaimTemplate.spec" -}}
{{- $names := compact (list (dig "volumeClaimTemplate" "spec" "dataSource" "name" "" .) (dig "volumeClaimTemplate" "spec" "dataSourceRef" "name" "" .)) -}}
{{- $same := list -}}
{{- range list "dataSource" "dataSourceRef" }}{{ $same = append $same (printf "(!has(%s.%s) || %s.%s.name in %s)" $claim . $claim . ($names | toRawJson)) }}{{ end -}}
{{- join " && " $same -}}
{{- end -}}
