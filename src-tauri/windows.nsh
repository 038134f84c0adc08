; Offers Kith for tel: and mailto: links, in Windows' own list of default apps. It takes nothing over: who opens such links
; stays as it is until the person chooses otherwise. (Learn: "Default Programs", RegisteredApplications.)

!macro NSIS_HOOK_POSTINSTALL
  WriteRegStr SHCTX "Software\Classes\Kith.Link" "" "Kith"
  WriteRegStr SHCTX "Software\Classes\Kith.Link" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\Kith.Link\shell\open\command" "" '"$INSTDIR\kith.exe" "%1"'
  WriteRegStr SHCTX "Software\Kith\Capabilities" "ApplicationName" "Kith"
  WriteRegStr SHCTX "Software\Kith\Capabilities" "ApplicationDescription" "An address book that keeps itself up to date"
  WriteRegStr SHCTX "Software\Kith\Capabilities\UrlAssociations" "tel" "Kith.Link"
  WriteRegStr SHCTX "Software\Kith\Capabilities\UrlAssociations" "mailto" "Kith.Link"
  WriteRegStr SHCTX "Software\RegisteredApplications" "Kith" "Software\Kith\Capabilities"
!macroend

!macro NSIS_HOOK_POSTUNINSTALL
  DeleteRegValue SHCTX "Software\RegisteredApplications" "Kith"
  DeleteRegKey SHCTX "Software\Kith\Capabilities"
  DeleteRegKey SHCTX "Software\Classes\Kith.Link"
!macroend
