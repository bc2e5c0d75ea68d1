#!/bin/sh
# What a host holds that a part of the cluster may touch, comparable with what stood before: `snapshot runtime|files`.
# Left out is what comes with a kernel module or a package and stays: tunnel devices that are down, the masked ipvsadm.service.
case $1 in
runtime)
    ip -oneline address show | sed 's/^[0-9]*: //; s/\\.*//'
    ip -brief link show up | awk '{print "link", $1}'
    ip -4 route show table all | sed 's/^/route /'
    ip -6 route show table all | sed 's/^/route /'
    ip -4 rule show
    ip -6 rule show
    ip fou show 2>/dev/null
    for tool in iptables ip6tables arptables; do
        $tool-save 2>/dev/null | grep -E '^(-A|:LVS)' | sed "s/^/$tool /; s/ \[.*//"
    done
    grep -E '^ +-> [0-9A-F[]|^(TCP|UDP|SCTP|FWM) ' /proc/net/ip_vs 2>/dev/null
    cd /proc/sys/net || exit
    grep -r . ipv4/ip_forward ipv6/conf/all/forwarding \
        ipv4/conf/*/forwarding ipv4/conf/*/*_redirects ipv4/conf/*/rp_filter ipv4/conf/*/arp_ignore ipv4/conf/*/arp_announce |
        grep -vE 'conf/(tunl|gre|gretap|erspan)0/'
    ;;
files)
    find /etc/systemd/system /etc/sysctl.d /etc/modules-load.d /etc/lvs* /usr/local /var/lib/lvs* 2>/dev/null \
        ! -type d ! -name ipvsadm.service -exec ls -l --time-style=+ '{}' \; -exec md5sum '{}' \;
    ;;
esac | sort
